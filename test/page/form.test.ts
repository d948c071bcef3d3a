import t from 'tap'
import { type FormState, formTree } from '../../src/page/form.ts'
import { fieldAt, fieldFault, refusalText } from '../../src/page/form-faults.ts'
import { toHtml } from '../../src/page/html.ts'
import { wordsIn } from '../../src/words/words.ts'

const words = wordsIn('en')
const look = { words, language: 'en', heading: 3, idPrefix: 'x' }

const state: FormState = {
  action: '/thread/a',
  values: {},
  errors: {},
  parent: null,
  cancelHref: '/thread/a',
  key: '1',
  shownAtMs: null,
  isSending: false,
  fault: null,
  rulesUrl: null,
  privacyUrl: null,
}

t.test('a form leads to the rules and to what is said of privacy, where a site has them', async (t) => {
  const linksOf = (more: Partial<FormState>) =>
    [...toHtml(formTree({ ...state, ...more }, look)).matchAll(/<a href="([^"]+)">([^<]+)<\/a>/g)].map(
      ([, href, text]) => `${text} ${href}`,
    )
  const [rules, privacy] = ['https://site.example/rules', 'https://site.example/privacy']
  t.same(linksOf({}), [])
  t.same(linksOf({ rulesUrl: rules }), [`${words.rules} ${rules}`])
  t.same(linksOf({ privacyUrl: privacy }), [`${words.privacy} ${privacy}`])
  t.same(linksOf({ rulesUrl: rules, privacyUrl: privacy }), [
    `${words.rules} ${rules}`,
    `${words.privacy} ${privacy}`,
  ])
})

t.test('while it is sent it says so', async (t) => {
  const html = toHtml(formTree({ ...state, isSending: true }, look))
  t.match(html, /aria-busy="true"/)
  t.match(html, words.sending)
})

t.test('each rule that a field breaks is told in a reader’s words', async (t) => {
  const told = (code: string) => fieldFault('body', code, words, 'en')
  t.same(
    [
      'required',
      'blank',
      'not-an-email',
      'holds-the-address',
      'controls',
      'not-storable',
      'not-yet-known',
    ].map(told),
    [
      words.required,
      words.required,
      words.notAnEmail,
      words.holdsTheAddress,
      words.notStorable,
      words.notStorable,
      words.invalid,
    ],
  )
  t.equal(told('too-long'), 'At most 10,000 characters, please.')
})

t.test('each reason for which a comment is not taken has its words', async (t) => {
  t.same(
    [
      'invalid-request',
      'parent-not-available',
      'article-closed',
      'too-many-requests',
      'queue-full',
      'looks-automated',
      'not-yet-known',
    ].map((code) => refusalText(code, words)),
    [
      words.correct,
      words.parentGone,
      words.closed,
      words.tooMany,
      words.full,
      words.looksAutomated,
      words.notSent,
    ],
  )
})

t.test('a pointer of the API names its field, or none that a reader fills in', async (t) => {
  t.same(['/author/name', '/author/email', '/body', '/parentId', ''].map(fieldAt), [
    'name',
    'email',
    'body',
    null,
    null,
  ])
})
