import t from 'tap'
import { bodyOf, emailOf, nameOf, showsAddress } from '../../../src/convert/text/fields.ts'

t.test('a name is on one line, and stays what it is', async (t) => {
  t.equal(nameOf(' Ada &laquo;L&raquo;\n\t R&regan '), 'Ada &laquo;L&raquo; R&regan')
  t.equal(nameOf('a\0b\ud800c\u0007'), 'abc')
  t.equal(nameOf('\u2028\u200b'), null)
  t.equal(nameOf(null), null)
})

t.test('a name that is an address is told', async (t) => {
  for (const name of ['ada@example.org', 'Ada <ada@example.org>', 'Ada (ada@example.org)'])
    t.ok(showsAddress(name), name)
  for (const name of ['Ada', 'Ada @ home', '@ada', 'ada@home', `a@${'a.'.repeat(500_000)}org`])
    t.notOk(showsAddress(name), name.slice(0, 20))
})

t.test('an address is one, or there is none', async (t) => {
  t.equal(emailOf(' ada@example.org\n'), 'ada@example.org')
  for (const text of ['', null, 'ada', 'ada@disqus-anonymous-user', 'bugsy@bigsy', 'a b@example.org'])
    t.equal(emailOf(text), null, String(text))
})

t.test('a text keeps its lines, and nothing that no text has', async (t) => {
  t.equal(bodyOf('\n \n  indented\r\nline\rline\u0085line\n\n'), '  indented\nline\nline\nline')
  t.equal(bodyOf('a\0b\ud83dc\u0001\u{1f600}'), 'abc😀')
  t.equal(bodyOf(' \u200b\n'), null)
})
