import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import {
  type ArticleKind,
  ArticleRuleFault,
  type ArticleRules,
  articleMapOf,
  type SlashKind,
  unmetLines,
} from '../convert/article-ids.ts'
import { type Conversion, convert, FileFault } from '../convert/convert.ts'
import { type FormatName, formatCalled, formatNames } from '../convert/format-names.ts'
import { compareToKnown, knownIdsIn } from '../convert/known.ts'
import { SourceFault } from '../convert/source-fault.ts'
import { isZone } from '../convert/text/moments.ts'
import { commentLimits } from '../domain/comments/comment.ts'
import { onOneLine, textFault } from '../domain/text.ts'
import { reportLines } from './conversion-report.ts'
import { toStdout } from './export.ts'
import { counted, numbered, progressOf, toldOf } from './progress.ts'
import { found, sourceRefusal, sync, targetRefusal } from './target-file.ts'
import { CommandError, type Terminal } from './terminal.ts'
import { endLine, headerLine, noCounts, rowLine } from './transfer-format.ts'

/** As the command line says them. */
export type ConvertFlags = {
  article?: ArticleKind
  slash?: SlashKind
  origin?: string
  prefix?: string
  map?: string
  pending?: 'pending' | 'approved' | 'skip'
  spam?: 'skip' | 'rejected'
  deleted?: 'withdrawn' | 'skip'
  closed?: 'closed' | 'open'
  anonymous?: string
  zone?: string
  known?: string[]
  leftOut?: string
  force?: true
  strict?: true
  dryRun?: true
}

/** Of the ids that would be made, so many the site has to have. */
const shareToMeet = 0.9

/** Of the lines of a map that met nothing. */
const linesTold = 20

/** Of the ids that the site has not; a dry run tells all. */
const idsTold = 20

/** How much is kept in memory before it is written. */
const writtenAtOnce = 2 ** 20

/**
 * Writes what files of another system hold in our own format, to a new file or to standard output, behind a report of what it
 * comes to. Neither a database nor the settings are needed. The first argument may name the format.
 */
export async function convertFiles(
  terminal: Terminal,
  args: readonly string[],
  flags: ConvertFlags & { output?: string },
): Promise<void> {
  const named = formatCalled(args[0] ?? '')
  const files = named === null ? args : args.slice(1)
  if (files.length === 0) throw new CommandError(['There is no file to convert: name one behind the format.'])
  const { output } = flags
  const refusal = output === undefined || flags.dryRun ? null : targetRefusal(output, false, files, isRead)
  if (refusal !== null) throw new CommandError([refusal.replace(', or replace it with --force', '')])
  if (output !== undefined && resolve(output) === resolve(leftOutFile(files, flags)))
    throw new CommandError([
      'What is left out needs a file of its own: --output names the same, which is the first file with .left-out.ndjson unless --left-out says another.',
    ])
  await withConversion(terminal, named, files, flags, async (conversion) => {
    if (output === undefined) await writeConverted(conversion, toStdout(terminal, 'The conversion'))
    else await writeToFile(conversion, output)
    const to = output === undefined ? '' : ` to ${onOneLine(output)}`
    terminal.stderr.write(`Converted ${toldOf(conversion.counts)}${to}.\n`)
  })
}

/** What a database says to a conversion, for people. */
type Compared = { lines: readonly string[]; objections: readonly string[] }

/**
 * Converts, tells what it comes to, and hands it on, unless something has to be said first: then nothing else is done. What is
 * left out is listed in a file beside the first one. Of a dry run the report is all there is, so that goes to standard output,
 * with what `compare` has to add to it.
 */
export async function withConversion(
  terminal: Terminal,
  format: FormatName | null,
  files: readonly string[],
  flags: ConvertFlags,
  use: (conversion: Conversion) => Promise<void>,
  compare: (conversion: Conversion) => Promise<Compared> = async () => ({ lines: [], objections: [] }),
): Promise<void> {
  const total = files.reduce((sum, file) => sum + sizeOf(file), 0)
  for (const file of flags.known ?? []) sizeOf(file)
  const anonymous = flags.anonymous ?? 'Anonymous'
  const articles = rulesOf(flags)
  const options = {
    format,
    articles,
    pending: flags.pending ?? 'pending',
    spam: flags.spam ?? 'skip',
    deleted: flags.deleted ?? 'withdrawn',
    closed: flags.closed ?? 'closed',
    anonymous: checkedName(anonymous),
    zone: checkedZone(flags.zone),
    nowMs: Date.now(),
  } as const
  const progress = progressOf(terminal, 'Reading', total, undefined, 'MiB')
  const conversion = await explaining(async () => {
    try {
      return await convert(files, { ...options, onRead: progress.add })
    } finally {
      progress.end()
    }
  })
  try {
    const known = await comparedToKnown(conversion, articles, flags)
    const toReport = flags.dryRun
      ? toStdout(terminal, 'The report')
      : async (text: string) => terminal.stderr.write(text)
    const tell = async (lines: readonly string[]) => toReport(lines.map((line) => `${line}\n`).join(''))
    await tell([
      ...reportLines(conversion.report, anonymous),
      ...unmetLinesOf(articles.map),
      ...(known?.lines ??
        (conversion.report.articles === 0
          ? []
          : ['The ids were compared with no page of the site: --known FILE does that.'])),
    ])
    const objections = [...(known?.objections ?? []), ...objectionsTo(conversion, files)]
    if (objections.length > 0 && !flags.force) throw new CommandError(objections.flat())
    await tell(objections.map(([finding]) => `Gone on all the same (--force): ${finding}`))
    refuseLeftOut(conversion, flags)
    if (flags.dryRun) {
      const compared = await compare(conversion)
      await tell(compared.lines)
      if (compared.objections.length > 0) throw new CommandError(compared.objections)
      return
    }
    listLeftOut(terminal, conversion, leftOutFile(files, flags), files)
    await use(conversion)
  } finally {
    conversion.close()
  }
}

/** Where what is left out is listed. */
function leftOutFile(files: readonly string[], { leftOut }: ConvertFlags): string {
  return leftOut ?? `${files[0]}.left-out.ndjson`
}

/** The whole of it, as an export would write it. */
async function writeConverted(
  conversion: Conversion,
  write: (text: string) => Promise<unknown>,
): Promise<void> {
  for (const text of convertedText(conversion)) await write(text)
}

/** The same, some at a time. */
export function* convertedText({ id, madeAtMs, counts, rows }: Conversion): Generator<string> {
  const digest = createHash('sha256')
  const written = noCounts()
  let text = headerLine({
    id,
    madeAt: new Date(madeAtMs).toISOString(),
    dialect: 'sqlite',
    counts,
    tokenTimes: '0',
  })
  for (const { kind, row } of rows()) {
    text += rowLine(kind, row)
    written[kind] += 1
    if (text.length < writtenAtOnce) continue
    digest.update(text)
    yield text
    text = ''
  }
  digest.update(text)
  yield text + endLine(written, digest)
}

async function writeToFile(conversion: Conversion, output: string): Promise<void> {
  const draft = `${output}.partial`
  let file: FileHandle | null = null
  try {
    // For the owner alone: readers' addresses are in it.
    const opened = await open(draft, 'ax', 0o600)
    file = opened
    await writeConverted(conversion, (text) => opened.appendFile(text))
    await opened.sync()
    renameSync(draft, output)
    sync(dirname(output))
    /* c8 ignore next 6: a full disk. */
  } catch (error) {
    if (file !== null) rmSync(draft, { force: true })
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw new CommandError([`${output} cannot be written: ${error.message}`])
  } finally {
    await file?.close()
  }
}

async function explaining<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof FileFault)
      throw new CommandError([`${error.file} cannot be converted. ${error.message}`])
    if (error instanceof ArticleRuleFault) throw new CommandError([error.message])
    /* c8 ignore next 9: no room on the disk, or a file that went away while it was read. */
    const { code } = error as { code?: string }
    if (code?.startsWith('SQLITE_FULL') || code?.startsWith('SQLITE_IOERR') || code === 'SQLITE_CANTOPEN')
      throw new CommandError([
        'There is no room for what is worked out meanwhile. SQLITE_TMPDIR names another folder for it.',
      ])
    if (error instanceof Error && 'syscall' in error)
      throw new CommandError([`The file cannot be read: ${error.message}`])
    throw error
  }
}

function sizeOf(file: string): number {
  if (file === '-')
    throw new CommandError([
      'Files of other systems are read more than once: name a file, not standard input.',
    ])
  const refusal = sourceRefusal(file)
  if (refusal !== null)
    throw new CommandError([
      refusal,
      // A word alone may have been meant for one.
      ...(found(file) === null && /^[\w-]+$/.test(file)
        ? [`If it was to be a format: there are ${formatNames.join(', ')}.`]
        : []),
    ])
  return statSync(file).size
}

function rulesOf({ article, slash, origin, prefix, map }: ConvertFlags): ArticleRules {
  if (origin !== undefined && !/^https?:\/\/[^/?#@\s]+\/?$/i.test(origin))
    throw new CommandError(['--origin is the site alone, without a path, such as https://www.example.org.'])
  return {
    kind: article ?? 'path',
    slash: slash ?? 'keep',
    origin: origin?.replace(/\/$/, '') ?? null,
    prefix: prefix ?? '',
    map: map === undefined ? null : mapIn(map, prefix),
  }
}

function mapIn(file: string, prefix?: string): ArticleRules['map'] {
  sizeOf(file)
  try {
    return articleMapOf(readFileSync(file, 'utf8'), prefix)
  } catch (error) {
    throw new CommandError([`${file}: ${(error as Error).message}`])
  }
}

function checkedName(name: string): string {
  if (textFault(name, 'line', commentLimits.name) === null) return name
  throw new CommandError([`--anonymous is a name of up to ${commentLimits.name} characters, on one line.`])
}

function checkedZone(zone: string | undefined): string | null {
  if (zone === undefined || isZone(zone)) return zone ?? null
  throw new CommandError([`There is no time zone ${zone}. Zones have names such as Europe/Paris.`])
}

/** What came from elsewhere and is shown nowhere helps nobody: the ids have to be those of the site's pages. */
async function comparedToKnown(
  conversion: Conversion,
  rules: ArticleRules,
  { known = [], dryRun }: ConvertFlags,
): Promise<{ lines: string[]; objections: string[][] } | null> {
  if (known.length === 0) return null
  const ids = new Set<string>()
  for (const file of known) {
    try {
      for (const id of await knownIdsIn(file, rules)) ids.add(id)
    } catch (error) {
      throw error instanceof SourceFault
        ? new CommandError([`${file} cannot be read. ${error.message}`])
        : error
    }
  }
  const { made, met, unmet } = compareToKnown(
    conversion.articleIds(),
    ids,
    dryRun ? Number.POSITIVE_INFINITY : idsTold,
  )
  const share = made === 0 ? 1 : met / made
  const lines = [
    `Of the ids of these articles ${numbered(met)} of ${numbered(made)} (${Math.floor(share * 100)} %) are those of a page that ${known.map(onOneLine).join(', ')} ${known.length === 1 ? 'knows' : 'know'}.${unmet.length === 0 ? '' : ' The others:'}`,
    ...unmet.map((id) => `  ${onOneLine(id)}`),
    ...(made - met > unmet.length ? [`  and ${numbered(made - met - unmet.length)} more`] : []),
  ]
  if (share >= shareToMeet) return { lines, objections: [] }
  return {
    lines,
    objections: [
      [
        `Fewer than ${shareToMeet * 100} % of the articles are pages of the site, so their comments would be shown nowhere.`,
        'Make the ids otherwise (--article url, path, path-query or identifier; --slash; --prefix), name the pages that have moved (--map FILE), or go on all the same (--force).',
        ...(rules.kind === 'identifier'
          ? [
              'With --article identifier a sitemap has nothing to compare with: give a list of the ids that the pages name in article="…", one a line.',
            ]
          : []),
      ],
    ],
  }
}

/** Who mistypes a page's address in a map would else never hear of it. */
function unmetLinesOf(map: ArticleRules['map']): string[] {
  const unmet = map === null ? [] : unmetLines(map)
  if (unmet.length === 0) return []
  return [
    `${counted(unmet.length, 'line')} of the map met no page:`,
    ...unmet.slice(0, linesTold).map(({ number, from }) => `  line ${number}: ${onOneLine(from)}`),
    ...(unmet.length > linesTold ? [`  and ${numbered(unmet.length - linesTold)} more`] : []),
  ]
}

/** What a later run could not mend; each with its finding first, and then what can be done. */
function objectionsTo({ report, format }: Conversion, files: readonly string[]): string[][] {
  const objections: string[][] = []
  const leftOut = new Map(report.leftOut)
  const zoneless = leftOut.get('time-without-zone') ?? 0
  if (zoneless > 0)
    objections.push([
      `Of ${counted(zoneless, 'comment')} the time does not say in which zone it is.`,
      'Name the zone of the server that wrote it (--zone Europe/Paris), or leave them out (--force).',
    ])
  if (report.read === 0)
    objections.push([
      `There is no comment in ${files.length === 1 ? 'this file' : 'these files'}.`,
      ...(format === 'coral'
        ? ['Coral has its comments in a collection of their own: give that file too.']
        : []),
    ])
  const [confused] = report.confused
  if (confused !== undefined)
    objections.push([
      `Pages that ${report.title} tells apart would be one: ${counted(report.confused.length, 'article')}, such as ${onOneLine(confused)} of ${report.confusedUrls.map(onOneLine).join(', ')}. A later run cannot part them.`,
      'Make the ids otherwise (--article path-query, url or identifier), name the pages that are the same, or have moved (--map FILE), or take them as one (--force).',
    ])
  if (report.withoutAccount > 0 && report.withAccount === 0)
    objections.push([
      `The accounts of the authors are in none of the files: ${counted(report.withoutAccount, 'comment')} would be without name and address for good.`,
      'Where the system has a file of its own for them (Coral: users.json or users.csv), give that too, or go on without (--force).',
    ])
  const { approved, pending, rejected, withdrawn } = report.taken
  if (report.read > 0 && zoneless === 0 && approved + pending + rejected + withdrawn === 0)
    objections.push([
      'None of these comments would be taken; the report says why.',
      ...(leftOut.has('page-absent')
        ? [
            'Their pages are in none of the files: where the system has a file of its own for them, give that too.',
          ]
        : []),
    ])
  return objections
}

/** What is in two of the files is in one of them. */
function refuseLeftOut({ report }: Conversion, { strict }: ConvertFlags): void {
  const leftOut = report.leftOut.reduce((sum, [reason, count]) => sum + (reason === 'twice' ? 0 : count), 0)
  if (strict && leftOut > 0)
    throw new CommandError([`${counted(leftOut, 'comment')} would be left out, and --strict says none.`])
}

/** With no text, name or address: those are in the file that was converted. */
function listLeftOut(
  { stderr }: Terminal,
  conversion: Conversion,
  target: string,
  sources: readonly string[],
): void {
  let file: number | null = null
  let count = 0
  let text = ''
  const flush = () => {
    if (file !== null) writeSync(file, text)
    text = ''
  }
  try {
    for (const { reason, id, article, page } of conversion.leftOut()) {
      file ??= openList(target, sources)
      count += 1
      text += `${JSON.stringify({ reason, format: conversion.format, id, article, page })}\n`
      if (text.length >= writtenAtOnce) flush()
    }
    flush()
    if (count === 0 && isList(target)) rmSync(target)
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw new CommandError([
      `What is left out cannot be listed in ${target}: ${error.message}. --left-out FILE names another place.`,
    ])
  } finally {
    if (file !== null) closeSync(file)
  }
  if (count > 0)
    stderr.write(
      `${count === 1 ? 'The comment' : `The ${numbered(count)} comments`} left out: ${onOneLine(target)}.\n`,
    )
}

/** By its first bytes. */
function isList(file: string): boolean {
  if (!found(file)?.isFile()) return false
  const handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const start = Buffer.alloc(listStart.length)
    readSync(handle, start)
    return start.toString() === listStart
  } finally {
    closeSync(handle)
  }
}

const isRead = 'is one of the files that are read'

const listStart = '{"reason":'

/**
 * A list that an earlier run has left is made anew, so that it is nobody else's and has no other name; nothing else is, and nothing
 * through a link.
 */
function openList(target: string, sources: readonly string[]): number {
  const refusal = targetRefusal(target, isList(target), sources, isRead)
  if (refusal !== null)
    throw new CommandError([
      `What is left out cannot be listed. ${refusal.replace(', or replace it with --force', '')}`,
    ])
  rmSync(target, { force: true })
  return openSync(target, 'wx', 0o600)
}
