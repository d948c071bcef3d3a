import { gzipSync } from 'node:zlib'
import type { Test } from 'tap'
import type { FormatName } from '../../src/convert/format-names.ts'
import { addsUp, type Converted, convertFiles, inZones, isAddedUp } from './conversions.ts'

type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
export type Entry = { [key: string]: Json }

export type JsonExport = {
  format: FormatName
  /** The file, of these comments. */
  write: (comments: Entry[]) => string
  comments: Entry[]
  args?: string[]
}

/** Of what is tried with each field one in so many is, the next field the next ones; all with `WHOLE=1`, as in `npm run test:long`. */
const inTurn = process.env['WHOLE'] === '1' ? 1 : 3

const otherValues = [null, 7, true, '', 'x', '\u0000\ud800', [], {}, [{ a: ['b'] }]]

/** What has to hold for each format whose files are JSON; each is a test of its own. */
export function jsonExportTests(t: Test, { format, write, comments, args = [] }: JsonExport): void {
  const text = write(comments)
  const convertText = (t: Test, content: string | Buffer) =>
    convertFiles(t, { 'export.json': content }, format, ...args)

  t.test('shuffled, in other encodings, packed, and in other time zones it is the same', async (t) => {
    const { code, out, report } = await convertText(t, text)
    t.equal(code, 0, report.join('\n'))
    const reversed = write(
      comments.toReversed().map((one) => Object.fromEntries(Object.entries(one).toReversed())),
    )
    for (const content of [
      reversed,
      JSON.stringify(JSON.parse(text), null, 2),
      escaped(text),
      `\ufeff${text}`,
      Buffer.from(text, 'utf16le'),
      gzipSync(text),
    ])
      t.equal((await convertText(t, content)).out, out)
    for (const other of await inZones(() => convertText(t, text))) t.equal(other.out, out)
    t.equal((await convertFiles(t, { 'export.json': text }, ...args)).out, out, 'told from its beginning')
    t.equal(
      (await convertFiles(t, { '1.json': text, '2.json': reversed }, format, ...args)).out,
      out,
      'twice',
    )
  })

  t.test('cut off, nothing is written', async (t) => {
    for (const content of [
      text.slice(0, -1),
      text.slice(0, text.length / 2),
      gzipSync(text).subarray(0, -20),
    ])
      refused(t, await convertText(t, content), /It is cut off/)
    refused(t, await convertText(t, ''), /It is empty/)
    refused(
      t,
      await convertText(t, `${text.slice(0, -1)},,`),
      /Line \d+, column \d+: It is no well-formed JSON/,
    )
  })

  t.test('a field of another type harms no other comment', async (t) => {
    const whole = await convertText(t, text)
    const fields = new Set(comments.flatMap((comment) => Object.keys(comment)))
    const harming: string[] = []
    for (const [turn, field] of [...fields].entries())
      for (const [index, value] of otherValues.entries()) {
        if ((index + turn) % inTurn !== 0) continue
        const [first, ...others] = comments
        const converted = await convertText(t, write([{ ...first, [field]: value }, ...others]))
        const fits =
          converted.code === 0 &&
          isAddedUp(converted, comments.length) &&
          converted.comments.length >= whole.comments.length - 1
        if (!fits) harming.push(`${field}: ${JSON.stringify(value)} ${converted.report.join(' ')}`)
      }
    t.same(harming, [])
  })

  t.test('fields that were made to take long do not', async (t) => {
    const [first = {}] = comments
    for (const unit of [' ', '\n', '/', '<', '-', '1', '@', '&', '[', '`', ':', 'a.', '<p>', '<!--', ' \n']) {
      // What took the square of its length would take a second for each of hundreds.
      const bomb = `${unit.repeat(2 ** 15 / unit.length)}x`
      const bombed = ['', '2021-10-28', 'https://'].flatMap((head, index) =>
        Object.keys(first)
          .filter((_, turn) => (index + turn) % inTurn === 0)
          .map((field) => ({ ...first, [field]: head + bomb })),
      )
      const converted = await convertText(t, write(bombed))
      t.equal(converted.code, 0, `${JSON.stringify(unit)}: ${converted.report.at(-1)}`)
      addsUp(t, converted, bombed.length)
    }
  })

  t.test('what is no comment is counted, and left out', async (t) => {
    const { leftOut } = await convertText(t, text)
    const converted = await convertText(t, write([...comments, 7, null, [], 'x', {}] as Entry[]))
    addsUp(t, converted, comments.length + 5)
    t.equal(converted.leftOut.length, leftOut.length + 5)
  })

  t.test('a text of 10,001 characters is left out, and one of a million too', async (t) => {
    const longest = await convertText(t, text.replaceAll('TEXT', '😀'.repeat(10_000)))
    t.notOk(longest.leftOut.some(({ reason }) => reason === 'text-too-long'))
    for (const length of [10_001, 600_000]) {
      const converted = await convertText(t, text.replaceAll('TEXT', '😀'.repeat(length)))
      t.ok(
        converted.leftOut.some(({ reason }) => reason === 'text-too-long'),
        String(length),
      )
      addsUp(t, converted, comments.length)
    }
  })
}

export function refused(t: Test, { code, out, report }: Converted, sentence: RegExp): void {
  t.equal(code, 1)
  t.equal(out, '')
  t.match(report.at(-1), sentence)
}

/** Each character beyond ASCII as JSON can write it. */
function escaped(json: string): string {
  return json.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Comments in a line each, their parents by the number of their line. */
export function shortly({ comments }: Converted): unknown[] {
  const at = new Map(comments.map(({ id }, index) => [id, index]))
  return comments.map(({ articleId, parentId, status, authorName, authorEmail, body, submittedAtMs }) => [
    articleId,
    parentId === null ? null : at.get(parentId),
    status,
    authorName,
    authorEmail,
    body,
    new Date(submittedAtMs as number).toISOString(),
  ])
}
