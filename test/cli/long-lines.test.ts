import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { furtherWriters, type Writer, type Written, writers } from '../support/other-systems.ts'
import { imprimatur } from '../support/process.ts'
import { folderOf } from '../support/transfers.ts'

/*
 * Files of one line that is longer than any text could be: in each of the formats 500 MB with `WHOLE=1`, and otherwise of each kind of
 * reader one of them, as much longer than what it may cost.
 */

t.setTimeout(3_600_000)

const isWhole = process.env['WHOLE'] === '1'
const longMiB = isWhole ? 500 : 128

/** What such a file may take more than one of a few words. The line itself, kept once, would be more. */
const allowedMiB = 96

const all: [name: string, writer: Writer][] = [
  ...Object.entries(writers).filter(([format]) => format !== 'isso'),
  ['Coral, tables', furtherWriters['Coral, tables'] as Writer],
]
const tried = isWhole
  ? all
  : all.filter(([name]) => ['disqus', 'remark42', 'waline', 'Coral, tables'].includes(name))

const mark = 'The long one.'
const three: Written[] = ['Before it.', mark, 'Behind it.'].map((text, index) => ({
  number: index + 1,
  page: 0,
  parent: null,
  state: 'approved',
  name: 'Ada',
  email: 'ada@example.org',
  text,
  atMs: 1_400_000_000_000 + index * 1_000,
}))

for (const [name, writer] of tried)
  t.test(`${name}: a line of ${longMiB} MiB takes no memory, and no other comment with it`, async (t) => {
    const short = await converted(t, writer, 0)
    const long = await converted(t, writer, longMiB)
    t.equal(short.code, 0, short.err)
    t.ok(
      long.peakMiB - short.peakMiB < allowedMiB,
      `${long.peakMiB.toFixed()} MiB, and ${short.peakMiB.toFixed()} for a few words`,
    )
    if (long.code === 0) {
      t.match(long.err, /3 comments read, 2 taken, 1 left out/)
      t.match(long.leftOut, /^\{"reason":"text-too-long","format":"\w+","id":"[^"]+"/)
    } else {
      // A row of a table and a line of JSON are one record, and what stands behind one that does not end is anybody's guess.
      t.match(
        long.err,
        /^\S+ cannot be converted\. .*There is a (?:row|record|text) that does not end: no export has one so long\.\n/,
      )
      t.equal(long.leftOut, '')
    }
    t.notMatch(long.err + long.leftOut, /xxxx/)
  })

async function converted(t: Test, writer: Writer, longMiB: number) {
  const folder = folderOf(t)
  const files = Object.entries(writer.write(three, folder)).map(([name, content]) => {
    const file = join(folder, name)
    if (longMiB === 0) writeFileSync(file, content)
    else writeLong(file, String(content), longMiB)
    return file
  })
  const teller = join(folder, 'teller.mjs')
  writeFileSync(
    teller,
    "process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS))",
  )
  const [command, args] = imprimatur(['convert', ...files, '--output', join(folder, 'out.ndjson')], {
    options: [`--import=${pathToFileURL(teller)}`],
  })
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let err = ''
  child.stderr.on('data', (text) => {
    err += text
  })
  const [code] = await once(child, 'close')
  const [list = ''] = files.map((file) => `${file}.left-out.ndjson`).filter(existsSync)
  return {
    code,
    err: err.replaceAll(folder, basename(folder)),
    peakMiB: Number(/peak (\d+)$/.exec(err)?.[1]) / 1_024,
    leftOut: list === '' ? '' : readFileSync(list, 'utf8'),
  }
}

/** In place of the mark, piece by piece: this process has no memory for it either. */
function writeLong(file: string, content: string, longMiB: number): void {
  const piece = 'x'.repeat(2 ** 20)
  const handle = openSync(file, 'w')
  for (const [index, part] of content.split(mark).entries()) {
    if (index > 0) for (let count = 0; count < longMiB; count++) writeSync(handle, piece)
    writeSync(handle, part)
  }
  closeSync(handle)
}
