import { readFileSync } from 'node:fs'
import t from 'tap'
import { isArticleUrl } from '../../src/domain/articles/article.ts'
import { articleIdFault, normalizedArticleId } from '../../src/domain/articles/article-id.ts'
import { textFault } from '../../src/domain/text.ts'
import { email } from '../../src/http/routes/comments/requests.ts'

/*
 * The patterns in the document are ranges, written by hand, in which every engine's language is the same; the code asks for
 * Unicode's own properties.
 */

type Schema = { pattern: string; properties: Record<string, Schema> }

const { schemas } = JSON.parse(readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'))
  .components as { schemas: Record<string, Schema> }

const { body } = schemas['Submission']?.properties ?? {}
const author = schemas['SubmissionAuthor']
type Field = [
  name: string,
  pattern: string | undefined,
  isTaken: (text: string) => boolean,
  shapes: (character: string) => string[],
]
const around = (character: string) => [character, `a${character}`, `${character}a`, `a${character}a`]
const inAddress = (character: string) => [
  ...around(character).flatMap((part) => [
    `${part}@example.org`,
    `a.${part}@example.org`,
    `a@${part}.org`,
    `a@example.${part}`,
    `a@example.1${part}`,
    `a@example.${part}1`,
    `a@example.1${part}1`,
  ]),
  `${character}ada@example.org${character}`,
]
const fields: Field[] = [
  ['a name', author?.properties['name']?.pattern, (text) => textFault(text, 'line', 9) === null, around],
  ['a comment', body?.pattern, (text) => textFault(text, 'prose', 9) === null, around],
  [
    'an article id',
    schemas['ArticleId']?.pattern,
    (text) => articleIdFault(normalizedArticleId(text)) === null,
    around,
  ],
  [
    'the URL of an article',
    schemas['ArticleDetails']?.properties['url']?.pattern,
    isArticleUrl,
    (character) => [
      ...around(character).flatMap((part) => [
        `https://example.org/${part}`,
        `https://example.org?${part}`,
        `HTTP://example.org/#${part}`,
      ]),
      `https://${character}@example.org/`,
    ],
  ],
  ['an address', author?.properties['email']?.pattern, (text) => email.safeParse(text).success, inAddress],
]

/** What only look-ahead could say: article ids that URLs cannot carry, and a soft hyphen that stands alone. */
const unsaid = new Set(['.', '..', '\u00ad'])

for (const flags of ['', 'u'])
  t.test(`with flags "${flags}" the patterns say what the code does, up to U+00FF`, async (t) => {
    for (const [field, pattern, isTaken, shapes] of fields) {
      const regex = new RegExp(pattern ?? '$^', flags)
      const wrong: string[] = []
      for (let code = 0; code <= 0xff; code++)
        for (const text of shapes(String.fromCharCode(code)))
          if (regex.test(text) !== isTaken(text) && !unsaid.has(text)) wrong.push(encodeURIComponent(text))
      t.same(wrong, [], field)
    }
  })

/** Of what stands beyond, one in so many has its turn, each time others; all of it with `WHOLE=1`, as in `npm run test:long`. */
const everyOther = process.env['WHOLE'] === '1' ? 1 : 3
const turn = Date.now() % everyOther

t.test('beyond U+00FF the patterns take more than the code, never less', async (t) => {
  for (const [field, pattern, isTaken, shapes] of fields) {
    const regexes = ['', 'u'].map((flags) => new RegExp(pattern ?? '$^', flags))
    const wrong: string[] = []
    for (let code = 0x100; code <= 0x10ffff; code += code < 0x3100 || code % 0x1000 < 0x100 ? 1 : 97) {
      if ((code >= 0xd800 && code <= 0xdfff) || code % everyOther !== turn) continue
      for (const text of shapes(String.fromCodePoint(code)))
        if (isTaken(text) && !regexes.every((regex) => regex.test(text))) wrong.push(encodeURIComponent(text))
    }
    t.same(wrong, [], field)
  }
})
