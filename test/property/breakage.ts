import { METHODS } from 'node:http'
import fc from 'fast-check'
import { anyCharacter } from '../support/characters.ts'
import type { Draft } from './calls.ts'
import { oddCredentials, oddHeaderValues } from './odd-headers.ts'

/** One way to break a request. */
export type Breakage = { name: string; apply: (draft: Draft) => Draft }

/** Whatever a careless or hostile client may send, for any operation. */
export function breakages(credentials: readonly string[]): fc.Arbitrary<Breakage> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.oneof(brokenNodes, addedKeys, repeatedItems) },
    { weight: 3, arbitrary: fc.oneof(cutBodies, spoiltBytes, strangeBodies, encodedBodies) },
    { weight: 3, arbitrary: fc.oneof(brokenSegments, movedSegments) },
    { weight: 3, arbitrary: fc.oneof(brokenQueries, repeatedParameters) },
    { weight: 2, arbitrary: otherMethods },
    { weight: 4, arbitrary: fc.oneof(oddHeaders, missingHeaders) },
    { weight: 2, arbitrary: otherCredentials(credentials) },
  )
}

const longTexts = fc
  .tuple(
    fc.constantFrom('x', 'é', '\u{1F600}', ' ', '@', 'a@b '),
    fc.constantFrom(101, 255, 256, 257, 2_001, 10_000, 10_001, 66_000),
  )
  .map(([unit, length]) => unit.repeat(length))

const oddTexts = fc.oneof(
  longTexts,
  fc.constantFrom('', ' ', '\t\n', '\u0000', 'a\u0000b', '\ud800', 'a\udc00b', '\ufeff', '\u2028', '\u202e'),
  fc.constantFrom('null', 'true', '-0', '1e9999', "' OR 1=1 --", '{{7*7}}', '<script>', '../../etc/passwd'),
  fc.constantFrom(
    'a@b',
    'a@@b.c',
    '@example.org',
    'ada@example.org\n',
    '"a b"@example.org',
    'ada@[127.0.0.1]',
  ),
  // Well-formed or not.
  fc.string({ unit: anyCharacter, maxLength: 20 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 10 })
    .map((units) => String.fromCharCode(...units)),
)

const oddValues: fc.Arbitrary<unknown> = fc.oneof(
  oddTexts,
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e308, {}, [], [[]], [null], { a: {} }),
  fc.jsonValue({ maxDepth: 3 }),
)

const oddKeys = fc.oneof(
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    'toString',
    'status',
    'id',
    'e-mail',
    'Author',
    'a/b~c',
    '\u0000',
  ),
  fc.string({ unit: anyCharacter, maxLength: 10 }),
  longTexts,
)

const removed = Symbol('removed')

const brokenNodes = fc.tuple(fc.nat(), fc.oneof(fc.constant(removed), oddValues)).map(
  ([at, value]): Breakage => ({
    name: value === removed ? 'a value left out' : 'a value of another kind',
    apply: (draft) => withJson(draft, (json) => replaceNode(json, at, () => value)),
  }),
)

const addedKeys = fc.tuple(fc.nat(), oddKeys, oddValues).map(
  ([at, key, value]): Breakage => ({
    name: 'a key added',
    apply: (draft) =>
      withJson(draft, (json) =>
        // Not assigned: `__proto__` must become a key like any other.
        replaceNode(json, at, (node) => Object.fromEntries([...Object.entries(node ?? {}), [key, value]])),
      ),
  }),
)

const repeatedItems = fc.tuple(fc.nat(), fc.constantFrom(2, 101, 1_000)).map(
  ([at, times]): Breakage => ({
    name: 'a value many times',
    apply: (draft) =>
      withJson(draft, (json) => replaceNode(json, at, (node) => Array(times).fill(node).flat(1))),
  }),
)

const cutBodies = fc.nat().map(
  (at): Breakage => ({
    name: 'a body cut short',
    apply: (draft) => withBytes(draft, (bytes) => bytes.subarray(0, at % Math.max(1, bytes.length))),
  }),
)

const spoiltBytes = fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 })).map(
  ([at, spoilt]): Breakage => ({
    name: 'bytes put into the body',
    apply: (draft) =>
      withBytes(draft, (bytes) => {
        const cut = at % (bytes.length + 1)
        return Buffer.concat([bytes.subarray(0, cut), spoilt, bytes.subarray(cut + (at % 2))])
      }),
  }),
)

const strangeBodies = fc
  .oneof(
    fc.constantFrom(
      '',
      ' ',
      '\n',
      'null',
      'NaN',
      '{}',
      '[]',
      '""',
      '0',
      '{"a":1,}',
      "{'a':1}",
      '{"a":1}{"a":1}',
    ),
    fc.constantFrom('{"__proto__":{"body":"x"}}', '{"body":"a","body":"b"}', '{"author":{"name":1e400}}'),
    fc.integer({ min: 1, max: 65_537 }).map((depth) => '['.repeat(depth)),
    fc.integer({ min: 1, max: 8_000 }).map((depth) => `${'[{"a":'.repeat(depth)}0${'}]'.repeat(depth)}`),
    fc.constantFrom(65_535, 65_536, 65_537, 200_000).map((length) => `"${'x'.repeat(length - 2)}"`),
    fc.json(),
  )
  .map(
    (text): Breakage => ({
      name: 'a strange body',
      apply: (draft) => withBytes(draft, () => Buffer.from(text)),
    }),
  )

const encodedBodies = fc
  .constantFrom<[string, (text: string) => Buffer]>(
    ['UTF-16', (text) => Buffer.from(text, 'utf16le')],
    ['Latin-1', (text) => Buffer.from(`${text}é`, 'latin1')],
    ['a byte order mark', (text) => Buffer.from(`\ufeff${text}`)],
    ['overlong UTF-8', (text) => Buffer.concat([Buffer.from(text), Buffer.from([0xc0, 0xaf])])],
    ['a surrogate in UTF-8', (text) => Buffer.concat([Buffer.from(text), Buffer.from([0xed, 0xa0, 0x80])])],
    ['form fields', () => Buffer.from('body=a&name=b')],
  )
  .map(
    ([name, encode]): Breakage => ({
      name: `a body in ${name}`,
      apply: (draft) => withBytes(draft, (bytes) => encode(bytes.toString())),
    }),
  )

const brokenSegments = fc
  .tuple(
    fc.nat(),
    fc.oneof(
      fc.constantFrom(
        '',
        '.',
        '..',
        '%2E',
        '%2e%2E',
        '%',
        '%zz',
        '%C3',
        '%C3%28',
        '%ED%A0%80',
        '%00',
        '%20',
        '%2F',
      ),
      fc.constantFrom(
        'a%00b',
        ';a=b',
        '*',
        ':commentId',
        '{commentId}',
        '%252F',
        '%5C',
        'a+b',
        '%F0%9F%98%80',
        '~',
      ),
      fc.constantFrom(
        '00000000-0000-0000-0000-000000000000',
        'ffffffff-ffff-ffff-ffff-ffffffffffff',
        'v1',
        'V1',
      ),
      longTexts.map((text) => encodeURIComponent(text)),
      fc.string({ unit: 'grapheme-ascii', maxLength: 12 }).map((text) => text.replaceAll(/[?#]/g, '')),
      fc.string({ unit: anyCharacter, maxLength: 12 }).map((text) => encodeURIComponent(text.toWellFormed())),
    ),
  )
  .map(
    ([at, segment]): Breakage => ({
      name: 'a part of the path replaced',
      apply: (draft) => ({ ...draft, segments: replaceAt(draft.segments, at, segment) }),
    }),
  )

const movedSegments = fc
  .constantFrom<[string, (segments: string[]) => string[]]>(
    ['a slash at the end', (segments) => [...segments, '']],
    ['a slash doubled', (segments) => segments.flatMap((segment) => ['', segment])],
    ['one part less', (segments) => segments.slice(0, -1)],
    ['one part more', (segments) => [...segments, 'more']],
    ['in capitals', (segments) => segments.map((segment) => segment.toUpperCase())],
    ['all escaped', (segments) => segments.map(escapeAll)],
    ['reversed', (segments) => segments.toReversed()],
  )
  .map(
    ([name, move]): Breakage => ({
      name: `a path with ${name}`,
      apply: (draft) => ({ ...draft, segments: move(draft.segments) }),
    }),
  )

const brokenQueries = fc
  .oneof(
    fc.constantFrom(
      '',
      '=',
      '&&',
      'limit',
      'limit=',
      'limit=0',
      'limit=101',
      'limit=1e1',
      'limit=1.0',
      'limit=%31',
    ),
    fc.constantFrom(
      'cursor=',
      'cursor=1',
      'order=Newest',
      'status=all',
      'limit[]=1',
      'limit[a]=1',
      'a%=b',
      '%ff=%ff',
    ),
    fc.constantFrom(
      'articleId=',
      'articleId=%00',
      'articleId=%ED%A0%80',
      '__proto__=1',
      'constructor=1',
      'a=1;b=2',
    ),
    fc
      .tuple(oddKeys, oddTexts)
      .map((pair) => pair.map((text) => encodeURIComponent(text.toWellFormed())).join('=')),
    fc.constantFrom(2, 100, 101, 400).map((times) => Array(times).fill('articleId=a').join('&')),
    fc.string({ unit: 'grapheme-ascii', maxLength: 12 }).map((text) => text.replaceAll('#', '')),
  )
  .map(
    (pair): Breakage => ({
      name: 'a parameter that is not known or not valid',
      apply: (draft) => ({ ...draft, query: [...draft.query, pair] }),
    }),
  )

const repeatedParameters = fc.constant<Breakage>({
  name: 'every parameter twice',
  apply: (draft) => ({ ...draft, query: [...draft.query, ...draft.query] }),
})

const otherMethods = fc
  .constantFrom(...METHODS.filter((method) => method !== 'CONNECT'), 'get')
  .map((method): Breakage => ({ name: 'another method', apply: (draft) => ({ ...draft, method }) }))

const missingHeaders = fc.nat().map(
  (at): Breakage => ({
    name: 'a header left out',
    apply: (draft) => {
      const names = Object.keys(draft.headers)
      const { [names[at % Math.max(1, names.length)] ?? '']: _left, ...headers } = draft.headers
      return { ...draft, headers }
    },
  }),
)

/** What Node's parser lets through in a header's value. */
const latin1 = fc
  .array(
    fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff }), fc.constant(9)),
    {
      maxLength: 20,
    },
  )
  .map((codes) => String.fromCharCode(...codes).trim())

const oddHeaders = fc
  .oneof(
    ...Object.entries(oddHeaderValues).map(([name, values]) =>
      fc.tuple(fc.constant(name), fc.oneof(fc.constantFrom(...values), latin1)),
    ),
  )
  .map(
    ([name, value]): Breakage => ({
      name: `an odd ${name} header`,
      apply: (draft) => ({ ...draft, headers: { ...draft.headers, [name]: value } }),
    }),
  )

function otherCredentials(known: readonly string[]): fc.Arbitrary<Breakage> {
  return fc.oneof(fc.constantFrom(...known, ...oddCredentials), latin1).map((authorization) => ({
    name: 'credentials of another kind',
    apply: (draft) => ({ ...draft, headers: { ...draft.headers, authorization } }),
  }))
}

function escapeAll(segment: string): string {
  return segment.replaceAll(/[a-z]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** A call without a body gets one: that is a way to break it, too. */
function withJson(draft: Draft, change: (json: unknown) => unknown): Draft {
  return {
    ...draft,
    headers: { 'content-type': 'application/json', ...draft.headers },
    json: { value: change(draft.json?.value ?? {}) },
  }
}

function withBytes(draft: Draft, change: (bytes: Buffer) => Buffer): Draft {
  return {
    ...draft,
    headers: { 'content-type': 'application/json', ...draft.headers },
    payload: change(bytesOf(draft) ?? Buffer.from('{}')),
  }
}

/** The body as it is sent. */
export function bytesOf({ payload, json, isForm }: Draft): Buffer | null {
  if (payload !== null) return payload
  if (isForm && json !== null && typeof json.value === 'object' && json.value !== null) {
    const fields = Object.entries(json.value).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : (JSON.stringify(value) ?? ''),
    ])
    return Buffer.from(new URLSearchParams(fields).toString())
  }
  return json === null ? null : Buffer.from(JSON.stringify(json.value) ?? '')
}

function replaceAt(segments: readonly string[], at: number, segment: string): string[] {
  return segments.map((kept, index) => (index === at % segments.length ? segment : kept))
}

/** The tree with one of its nodes, counted from the root, replaced or removed. */
function replaceNode(root: unknown, at: number, change: (node: unknown) => unknown): unknown {
  let rest = at % countNodes(root)
  const visit = (node: unknown): unknown => {
    if (rest-- === 0) return change(node)
    if (Array.isArray(node)) return node.map(visit).filter((part) => part !== removed)
    if (typeof node !== 'object' || node === null) return node
    return Object.fromEntries(
      Object.entries(node)
        .map(([key, part]) => [key, visit(part)] as const)
        .filter(([, part]) => part !== removed),
    )
  }
  const result = visit(root)
  return result === removed ? undefined : result
}

function countNodes(node: unknown): number {
  if (typeof node !== 'object' || node === null) return 1
  return 1 + Object.values(node).reduce((sum: number, part) => sum + countNodes(part), 0)
}
