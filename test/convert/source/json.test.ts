import t from 'tap'
import {
  contentIn,
  droppedIn,
  flagIn,
  idIn,
  isAbsent,
  type JsonObject,
  type JsonSelection,
  outlineOf,
  readJson,
  textIn,
  timeIn,
  tooLong,
} from '../../../src/convert/source/json.ts'
import type { SourceFile } from '../../../src/convert/source/source-file.ts'

const selection: JsonSelection<string> = {
  lists: {
    comments: { path: ['comments'], fields: ['id', 'text', 'at'] },
    deep: { path: ['data', 'Comment'], fields: ['id', 'text'] },
  },
  scalars: ['version'],
}
const topList: JsonSelection<string> = { lists: { top: { path: [], fields: ['id', 'text'] } }, scalars: [] }
const lines: JsonSelection<string> = { lists: { line: { path: null, fields: ['id'] } }, scalars: [] }

async function read(
  content: string | Buffer,
  wanted: JsonSelection<string>,
  pieceSize = 65_536,
): Promise<unknown[]> {
  const all = Buffer.from(content)
  const file: SourceFile = {
    name: 'file.json',
    path: null,
    async *pieces() {
      for (let at = 0; at < all.length; at += pieceSize) yield all.subarray(at, at + pieceSize)
    },
  }
  const found: unknown[] = []
  for await (const one of readJson(file, wanted)) found.push(one)
  return found
}

t.test('the entries of lists are given one by one, and what is named at the top', async (t) => {
  const text =
    '{"comments":[{"id":1},{"id":"2"}],"version":3,"other":[{"id":9}],"data":{"Comment":[{"id":4}],"id":5}}'
  const expected = [
    { kind: 'list', list: 'comments' },
    { kind: 'entry', list: 'comments', entry: { id: 1 } },
    { kind: 'entry', list: 'comments', entry: { id: '2' } },
    { kind: 'scalar', name: 'version', value: 3 },
    { kind: 'list', list: 'deep' },
    { kind: 'entry', list: 'deep', entry: { id: 4 } },
  ]
  t.strictSame(await read(text, selection), expected)
  t.strictSame(await read(text, selection, 1), expected, 'also byte by byte')
  t.strictSame(await read('[{"id":1},{"id":2}]', topList), [
    { kind: 'list', list: 'top' },
    { kind: 'entry', list: 'top', entry: { id: 1 } },
    { kind: 'entry', list: 'top', entry: { id: 2 } },
  ])
  t.strictSame(await read('{"comments":null}', selection), [{ kind: 'list', list: 'comments' }])
})

t.test('entries may follow one another without a list, behind a line of another kind', async (t) => {
  const entries = [
    { kind: 'entry', list: 'line', entry: { id: 1 } },
    { kind: 'entry', list: 'line', entry: { id: 2 } },
  ]
  t.strictSame(await read('#filetype:JSON-streaming {"type":"Class"}\n{"id":1}\n{"id":2}\n', lines), entries)
  t.strictSame(await read('{"id":1}{"id":2}', lines, 3), entries)
  await t.rejects(
    read('#filetype\n{"id":1}\n{"id":2]\n', lines),
    /^Line 3, column 8: It is no well-formed JSON\.$/,
  )
})

t.test('of a field that is not named nothing is kept but that something was there', async (t) => {
  const text = JSON.stringify({
    comments: [
      {
        id: 1,
        ip: '192.0.2.1',
        password: 'hash',
        empty: '',
        none: null,
        zero: 0,
        seen: { '192.0.2.2': ['192.0.2.3', 7], text: 'secret' },
      },
    ],
    Users: [{ id: 1, password: 'hash', text: 'secret' }],
  })
  const found = await read(text, selection)
  t.match(found, [{}, { entry: { id: 1, ip: true, password: true, empty: '', none: null, zero: 0 } }])
  t.notMatch(JSON.stringify(found), /192\.0\.2|hash|secret/)
})

t.test('ids with more digits than a number can hold keep them all', async (t) => {
  const [, one] = await read('[{"id":12345678901234567890,"text":1.5}]', topList)
  t.match(one, { entry: { id: '12345678901234567890', text: 1.5 } })
})

t.test('names that objects have of themselves do no harm', async (t) => {
  const [, one] = (await read(
    '{"comments":[{"__proto__":{"id":"evil","text":"evil"},"constructor":{"prototype":{"id":1}},"at":"x"}]}',
    selection,
  )) as { entry: JsonObject }[]
  const entry = one?.entry ?? {}
  t.equal(idIn(entry, 'id'), '')
  t.equal(textIn(entry, 'toString'), null)
  t.equal(({} as { id?: string }).id, undefined)
})

t.test('of a name that is there twice the last counts, and a list goes on', async (t) => {
  t.match(await read('{"comments":[{"id":1,"id":2}],"comments":[{"id":3}]}', selection), [
    {},
    { entry: { id: 2 } },
    {},
    { entry: { id: 3 } },
  ])
})

t.test('entries that are none are given as empty ones', async (t) => {
  const found = await read('{"comments":[1,"x",null,true,[{"id":1}],[]]}', selection)
  t.equal(found.length, 7)
  for (const one of found.slice(1)) t.strictSame(one, { kind: 'entry', list: 'comments', entry: {} })
})

t.test('what is no JSON is told with its line and column', async (t) => {
  const cases: [content: string, place: string][] = [
    ['junk', 'Line 1, column 1'],
    ['[{"id":1}\n {"id":2}]', 'Line 2, column 2'],
    ['[{"id":"é😀\\n\\u00e9\\ud83d\\ude00"} x]', 'Line 1, column 35'],
    ['[{"id":1},\n]', 'Line 2, column 1'],
    ['[{"id":1}] []', 'Line 1, column 12'],
    ['[{"id":01}]', 'Line 1, column 9'],
    ['[{"id":NaN}]', 'Line 1, column 8'],
    ["[{'id':1}]", 'Line 1, column 3'],
    ['[{"id":"a\u0000b"}]', 'Line 1, column 10'],
    ['[{"id":"a\nb"}]', 'Line 1, column 10'],
    ['[{"id":"\\x"}]', 'Line 1, column 10'],
    ['[{"id" 1}]', 'Line 1, column 8'],
  ]
  for (const [content, place] of cases) {
    const list = content.startsWith('[') || content === 'junk' ? topList : selection
    await t.rejects(read(content, list), { message: `${place}: It is no well-formed JSON.` }, content)
    if (!/id":"|"id" /.test(content))
      await t.rejects(
        read(content, list, 1),
        { message: `${place}: It is no well-formed JSON.` },
        `${content}, byte by byte`,
      )
  }
})

t.test('a file that ends too early is told to be cut off, wherever that is', async (t) => {
  const whole = '{"version":3,"comments":[{"id":1,"text":"é"},{"id":-2.5e1,"text":null,"at":true}]}'
  const bytes = Buffer.from(whole)
  for (let length = 1; length < bytes.length; length += 1)
    await t.rejects(
      read(bytes.subarray(0, length), selection),
      /^Line 1, column \d+: (?:It is cut off: there is more open than closed at its end\.|It is no text in UTF-8\..*)$/,
      `${length} bytes`,
    )
  await t.rejects(read(' \n', selection), { message: 'There is nothing in it.' })
})

t.test('a byte order mark and two-byte encodings are read, and wrong bytes are told', async (t) => {
  const text = '[{"id":"é😀"}]'
  const expected = [{}, { entry: { id: 'é😀' } }]
  t.match(await read(`\ufeff${text}`, topList), expected)
  for (const mark of ['\ufeff', '']) {
    const little = Buffer.from(mark + text, 'utf16le')
    t.match(await read(little, topList), expected, `little-endian${mark}`)
    t.match(await read(Buffer.from(little).swap16(), topList), expected, `big-endian${mark}`)
    t.match(await read(little, topList, 3), expected, `in odd pieces${mark}`)
  }
  await t.rejects(
    read(Buffer.from('[\n{"id":"\xff"}]', 'latin1'), topList),
    /^Line 2, column 8: It is no text in UTF-8\./,
  )
})

t.test('halves of characters, as escapes, are given as they are', async (t) => {
  t.match(await read('[{"id":"a\\ud800b\\u0000"}]', topList), [{}, { entry: { id: 'a\ud800b\0' } }])
})

t.test('what is no list where one has to be is told', async (t) => {
  for (const value of ['{}', '"x"', '5', 'true'])
    await t.rejects(read(`{"comments":${value}}`, selection), {
      message: 'Line 1, column 13: There is no list of comments where there has to be one.',
    })
  await t.rejects(read('{"id":1}', topList), {
    message: 'Line 1, column 1: There is no list where there has to be one.',
  })
  await t.rejects(
    read('{"version":[1]}', selection),
    /^Line 1, column 12: There is a list or an object for version/,
  )
})

t.test('a text longer than any comment is none, and the rest of its entry is there', async (t) => {
  const [, one] = (await read(JSON.stringify([{ text: 'x'.repeat(2 ** 20 + 1), id: 1 }]), topList)) as {
    entry: JsonObject
  }[]
  t.equal(one?.entry['text'], tooLong)
  t.equal(contentIn(one?.entry ?? {}, 'text'), null)
  t.equal(textIn(one?.entry ?? {}, 'text'), null)
  t.equal(idIn(one?.entry ?? {}, 'id'), '1')
})

t.test('what was made to fill the memory ends it', async (t) => {
  const refused: [content: string, sentence: RegExp][] = [
    [`[{"text":"${'x'.repeat(2 ** 23 + 2 ** 18)}`, /There is a text that does not end/],
    [`[{"other":"${'x'.repeat(2 ** 23 + 2 ** 18)}`, /There is a text that does not end/],
    [`[{"id":${'1'.repeat(2 ** 23 + 2 ** 18)}`, /There is a text that does not end/],
    ['['.repeat(100_000), /nested more than 100 deep/],
    [`[{"other":${'{"a":'.repeat(100_000)}`, /nested more than 100 deep/],
    [`{"other":${'['.repeat(100_000)}`, /nested more than 100 deep/],
    [
      `[{${Array.from({ length: 300_000 }, (_, n) => `"k${n}":1`).join(',')}}]`,
      /larger than any comment could be/,
    ],
    [`[{"text":[${'"",'.repeat(300_000)}""]}]`, /larger than any comment could be/],
  ]
  for (const [content, sentence] of refused)
    await t.rejects(read(content, content.startsWith('{') ? selection : topList), sentence)
  // Of what is not wanted, however much it is, nothing is kept.
  t.match(await read(`{"other":[${'{"a":"b"},'.repeat(300_000)}{}],"comments":[{"id":1}]}`, selection), [
    {},
    { entry: { id: 1 } },
  ])
})

t.test('the outline of a beginning has its keys, and no text that looks like one', async (t) => {
  const outline = outlineOf(
    '{"version":3,"type":"x","a":[{"b":"\\"c\\":1","d":{"e":1}}],"f":{"g":[{"h":"cut of',
  )
  for (const path of ['version', 'a', 'a.*.b', 'a.*.d.e', 'f.g.*.h']) t.ok(outline.has(path), path)
  for (const path of ['c', 'a.*.c', 'b', 'e']) t.notOk(outline.has(path), path)
  t.equal(outline.value('version'), '3')
  t.equal(outline.value('type'), 'x')
  t.equal(outline.value('a'), null)
  for (const other of ['', 'text', '<?xml?>', 'SQLite format 3\0', '{]', '{version', '"version"'])
    t.notOk(outlineOf(other).has('version'), other)
  t.ok(outlineOf('#filetype:JSON-streaming\n{"objectId":1').has('objectId'))
})

t.test('values are read in whatever type they come, and never made up', async (t) => {
  const entry: JsonObject = {
    text: ' a ',
    number: 5,
    yes: 'true',
    no: 0,
    maybe: 'maybe',
    oid: { $oid: 'abc' },
    long: { $numberLong: '12345678901234567890' },
    object: { a: 1 },
    list: ['a'],
    blank: ' ',
    iso: { __type: 'Date', iso: '2020-01-01T00:00:00.000Z' },
    date: { $date: '2020-01-01T00:00:00Z' },
    ms: { $date: { $numberLong: '1577836800000' } },
    plain: 1_577_836_800_000,
    seconds: 1_577_836_800,
    infinite: Number.POSITIVE_INFINITY,
  }
  t.strictSame(
    ['text', 'number', 'object', 'list', 'blank', 'absent', 'infinite'].map((name) => textIn(entry, name)),
    ['a', '5', null, null, null, null, null],
  )
  t.strictSame(
    ['text', 'number', 'oid', 'long', 'object', 'list', 'absent'].map((name) => idIn(entry, name)),
    ['a', '5', 'abc', '12345678901234567890', '', '', ''],
  )
  t.strictSame(
    ['yes', 'no', 'maybe', 'object', 'absent'].map((name) => flagIn(entry, name)),
    [true, false, null, null, null],
  )
  t.strictSame(
    ['iso', 'date', 'ms', 'plain', 'text', 'seconds', 'object', 'list', 'absent'].map((name) =>
      timeIn(entry, name),
    ),
    [
      '2020-01-01T00:00:00.000Z',
      '2020-01-01T00:00:00Z',
      '2020-01-01T00:00:00.000Z',
      '2020-01-01T00:00:00.000Z',
      ' a ',
      null,
      null,
      null,
      null,
    ],
  )
  t.strictSame(
    ['blank', 'absent', 'no', 'object'].map((name) => isAbsent(entry, name)),
    [true, true, false, false],
  )
  t.strictSame(droppedIn(entry, { text: 'ip', no: 'votes', blank: 'pin', list: 'edits', number: 'ip' }), [
    'ip',
    'edits',
  ])
})
