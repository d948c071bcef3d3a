import t from 'tap'
import {
  codePointLength,
  isBlank,
  isStorable,
  onOneLine,
  textFault,
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

t.test('a line has no end in it; prose has, and no other control', async (t) => {
  for (const text of ['a\nb', 'a\rb', 'a\tb', 'a\u0085b', 'a\u2028b', 'a\u2029b', 'a\u001bb'])
    t.equal(
      textFault(text, 'line', 9),
      'controls',
      [...text].map((one) => one.codePointAt(0)?.toString(16)).join(),
    )
  for (const text of ['a\nb', 'a\r\nb', 'a\tb', 'a\u2028b']) t.equal(textFault(text, 'prose', 9), null)
  for (const text of ['a\u001bb', 'a\u000bb', 'a\u000cb', 'a\u0085b', 'a\u009bb'])
    t.equal(
      textFault(text, 'prose', 9),
      'controls',
      [...text].map((one) => one.codePointAt(0)?.toString(16)).join(),
    )
  t.equal(textFault('\u{1f58b}'.repeat(9), 'line', 9), null)
  t.equal(textFault('\u{1f58b}'.repeat(10), 'line', 9), 'too-long')
  t.equal(textFault('a\u0000', 'prose', 9), 'not-storable')
  t.equal(textFault('\u2800', 'prose', 9), 'blank')
})

t.test('on one line nothing is left that a terminal would obey', async (t) => {
  t.equal(
    onOneLine('a\u001b[2J\n\tb\u009b\u202ec\u2028d'),
    'a\\u001b[2J\\u000a\\u0009b\\u009b\\u202ec\\u2028d',
  )
  t.equal(onOneLine('été 👍 العربية'), 'été 👍 العربية')
})
