import t from 'tap'
import { maxParameters, parseQueryString } from '../../../src/http/serving/query-string.ts'

const undecodable = { code: 'bad-encoding', detail: 'must be percent-encoded UTF-8' }
const empty = { code: 'blank', detail: 'must not have an empty parameter' }

t.test('a parameter that is longer than any value is not decoded', async (t) => {
  t.same(parseQueryString(`a=1&b=${'+'.repeat(20_000)}`), {
    values: new Map([['a', ['1']]]),
    faults: [{ code: 'too-long', detail: 'must not have a parameter of more than 18532 characters' }],
  })
})

t.test('gives each parameter its values, in the order sent', async (t) => {
  const parsed: [string, [string, string[]][]][] = [
    ['', []],
    [
      'a=1&b=2&a=3',
      [
        ['a', ['1', '3']],
        ['b', ['2']],
      ],
    ],
    ['a', [['a', ['']]]],
    ['a=', [['a', ['']]]],
    ['=1', [['', ['1']]]],
    ['a=b=c', [['a', ['b=c']]]],
    ['a=b?c', [['a', ['b?c']]]],
    ['a+b=c+d%2B', [['a b', ['c d+']]]],
    ['%61=%C3%A9%F0%9F%96%8B', [['a', ['é🖋']]]],
    [
      '__proto__=1&constructor=2',
      [
        ['__proto__', ['1']],
        ['constructor', ['2']],
      ],
    ],
    [`a${'&a'.repeat(199)}`, [['a', Array(200).fill('')]]],
    ['a=%00', [['a', ['\0']]]],
    ['a;b=1', [['a;b', ['1']]]],
  ]
  for (const [text, values] of parsed) {
    t.same([...parseQueryString(text).values], values, text)
    t.same(parseQueryString(text).faults, [], text)
  }
})

t.test('says that it cannot decode instead of guessing', async (t) => {
  for (const text of ['%', 'a=%4', 'a=%zz', 'a=%ff', '%ff=1', 'a=%ED%A0%80', 'a=%C3']) {
    t.same(parseQueryString(text).faults, [undecodable], text)
  }
  t.same(
    [...parseQueryString('a=1&b=%ff&c=2').values],
    [
      ['a', ['1']],
      ['c', ['2']],
    ],
  )
})

t.test('has no place for empty parameters', async (t) => {
  for (const text of ['&', '&&', 'a=1&', '&a=1', 'a=1&&a=1']) {
    t.same(parseQueryString(text).faults, [empty], text)
  }
  t.same(parseQueryString('%&&%').faults, [undecodable, empty])
})

t.test('decodes nothing of more parameters than any call takes', async (t) => {
  for (const pair of ['a', 'a=1', '%ff', '']) {
    const { values, faults } = parseQueryString(
      Array(maxParameters + 1)
        .fill(pair)
        .join('&'),
    )
    t.same([...values], [], pair)
    t.same(faults, [{ code: 'too-many', detail: 'must have at most 200 parameters' }], pair)
  }
})
