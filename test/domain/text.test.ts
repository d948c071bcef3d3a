import t from 'tap'
import {
  codePointLength,
  isBlank,
  isStorable,
  withoutAddresses,
  withoutControls,
} from '../../src/domain/text.ts'

t.test('a character is a code point, whatever UTF-16 makes of it', async (t) => {
  t.equal(codePointLength(''), 0)
  t.equal(codePointLength('été'), 3)
  t.equal(codePointLength('👍👍'), 2)
  t.equal(codePointLength('e\u0301'), 2)
})

t.test('text is storable without NUL and without lone surrogates', async (t) => {
  t.ok(isStorable('plain\n\ttext 👍'))
  t.notOk(isStorable('a\u0000b'))
  t.notOk(isStorable('\ud83d'))
  t.notOk(isStorable('\udc4d\ud83d'))
})

t.test('white space alone is blank', async (t) => {
  t.ok(isBlank(''))
  t.ok(isBlank(' \n\t\u00a0\u2003'))
  t.notOk(isBlank(' . '))
})

t.test('what looks like an e-mail address is blotted out, and nothing else', async (t) => {
  t.equal(
    withoutAddresses('UNIQUE failed: (Ada <ada+tag@example.org>, "é@società.example") at 1@2'),
    'UNIQUE failed: (Ada <[redacted]>, "[redacted]") at [redacted]',
  )
  for (const text of ['', 'no address', '@fastify/cors', 'a @ b', 'file:///x/@scope/y.js:1:2', 'a@'])
    t.equal(withoutAddresses(text), text)
})

t.test('what a terminal would obey is written out, and is the same JSON', async (t) => {
  const hostile = 'a\u009b31mb\u202ec\u2028d\u007f'
  t.equal(withoutControls(hostile), 'a\\u009b31mb\\u202ec\\u2028d\\u007f')
  t.equal(JSON.parse(withoutControls(JSON.stringify(hostile))), hostile)
  t.equal(withoutControls('été\n\t👍 العربية'), 'été\n\t👍 العربية')
})
