import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { runCommand } from '../../src/cli/command.ts'
import { testTerminal } from './process/terminal.ts'
import { folderOf } from './transfers.ts'

/** What `imprimatur convert` came to. */
export type Converted = {
  code: number
  /** As it was written, header and end included; of a dry run the report. */
  out: string
  articles: Row[]
  comments: Row[]
  decisions: Row[]
  /** What was said, a line each: of the paths of the files only their names. */
  report: string[]
  leftOut: { reason: string; format: string; id: string; article: string | null; page: string | null }[]
  /** The folder that the files, and whatever came beside them, are in. */
  folder: string
}

export type Row = Record<string, unknown>

/** Writes files into a new folder and converts them, with these arguments: `convertFiles(t, { 'a.json': … }, 'waline', '--zone', 'UTC')`. */
export async function convertFiles(
  t: Test,
  files: Readonly<Record<string, string | Buffer>>,
  ...args: string[]
): Promise<Converted> {
  const folder = folderOf(t)
  const paths = Object.keys(files).map((name) => join(folder, name))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return convertPaths(folder, paths, ...args)
}

/** The same of files that are there; `folder` is where they are. */
export async function convertPaths(
  folder: string,
  paths: readonly string[],
  ...args: string[]
): Promise<Converted> {
  const formats = args.filter((arg, index) => index === 0 && !arg.startsWith('-'))
  const terminal = testTerminal()
  const code = await runCommand(['convert', ...formats, ...paths, ...args.slice(formats.length)], terminal)
  const out = terminal.out()
  const rows: Row[] = args.includes('--dry-run') ? [] : linesIn(out)
  const list = `${paths[0]}.left-out.ndjson`
  return {
    code,
    out,
    articles: rows.filter(({ kind }) => kind === 'article'),
    comments: rows.filter(({ kind }) => kind === 'comment'),
    decisions: rows.filter(({ kind }) => kind === 'decision'),
    report: terminal
      .err()
      .replaceAll(`${folder}/`, '')
      .split('\n')
      .filter((line) => line !== ''),
    leftOut: existsSync(list) ? linesIn(readFileSync(list, 'utf8')) : [],
    folder,
  }
}

function linesIn<T>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

/** One sentence about the file, and nothing written. */
export async function isRefused(
  t: Test,
  content: string | Buffer,
  format: string,
  sentence: RegExp,
): Promise<void> {
  const { code, out, report, leftOut } = await convertFiles(t, { 'wrong.xml': content }, format)
  t.equal(code, 1)
  t.equal(out, '')
  t.same(leftOut, [])
  t.equal(report.length, 1, report.join('\n'))
  t.match(report[0], sentence)
  t.match(report[0], /^wrong\.xml cannot be converted\. /)
}

/** Read is what was taken and left out; as many as that. */
export function addsUp(t: Test, converted: Converted, read: number): void {
  t.ok(isAddedUp(converted, read), converted.report[0] ?? 'no report')
}

export function isAddedUp({ report }: Converted, read: number): boolean {
  const numbers = (
    /: ([\d,]+) comments? read, ([\d,]+) taken, ([\d,]+) left out\.$/m.exec(report[0] ?? '') ?? []
  )
    .slice(1)
    .map((number) => Number(number.replaceAll(',', '')))
  const [all = -1, taken = 0, leftOut = 0] = numbers
  return all === read && taken + leftOut === all
}

/** The machine's zone is nothing that a conversion looks at: does the same under each of these, one after the other. */
export async function inZones<T>(work: () => Promise<T>): Promise<T[]> {
  const before = process.env['TZ']
  const results: T[] = []
  try {
    for (const zone of ['UTC', 'Asia/Tokyo', 'America/Sao_Paulo']) {
      process.env['TZ'] = zone
      results.push(await work())
    }
  } finally {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  }
  return results
}
