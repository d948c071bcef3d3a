import { readFileSync } from 'node:fs'
import t from 'tap'
import { articleIdFault, normalizedArticleId } from '../../src/domain/articles/article-id.ts'
import { textFault } from '../../src/domain/text.ts'

/* The patterns in the document are ranges, written by hand; the code asks for Unicode's own properties. */

type Schema = { pattern: string; properties: Record<string, Schema> }

const { schemas } = JSON.parse(readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'))
  .components as { schemas: Record<string, Schema> }

const { author, body } = schemas['Submission']?.properties ?? {}
const fields: [name: string, pattern: string | undefined, isTaken: (text: string) => boolean][] = [
  ['a name', author?.properties['name']?.pattern, (text) => textFault(text, 'line', 9) === null],
  ['a comment', body?.pattern, (text) => textFault(text, 'prose', 9) === null],
  [
    'an article id',
    schemas['ArticleId']?.pattern,
    (text) => articleIdFault(normalizedArticleId(text)) === null,
  ],
]

for (const [field, pattern, isTaken] of fields)
  for (const flags of ['', 'u'])
    t.test(
      `of ${field} the pattern with flags "${flags}" says what the code does, up to U+FFFF`,
      async (t) => {
        const regex = new RegExp(pattern ?? '$^', flags)
        const wrong: string[] = []
        for (let code = 0; code <= 0xffff; code++) {
          if (code >= 0xd800 && code <= 0xdfff) continue
          const character = String.fromCharCode(code)
          for (const text of [character, `a${character}`, `${character}a`, `a${character}a`])
            if (regex.test(text) !== isTaken(text)) wrong.push(encodeURIComponent(text))
        }
        t.same(wrong, [])
      },
    )

t.test('beyond U+FFFF the patterns take more than the code, never less', async (t) => {
  for (const [field, pattern, isTaken] of fields) {
    const regex = new RegExp(pattern ?? '$^', 'u')
    const wrong: string[] = []
    for (let code = 0x10000; code <= 0x10ffff; code += code % 0x1000 < 0x800 ? 1 : 97) {
      const character = String.fromCodePoint(code)
      for (const text of [character, `a${character}a`])
        if (isTaken(text) && !regex.test(text)) wrong.push(encodeURIComponent(text))
    }
    t.same(wrong, [], field)
  }
})
