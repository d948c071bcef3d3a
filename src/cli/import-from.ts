import type { Conversion } from '../convert/convert.ts'
import type { FormatName } from '../convert/format-names.ts'
import { addToDatabase, comparedToDatabase } from './add.ts'
import type { Place } from './already-there.ts'
import { type ConvertFlags, convertedText, withConversion } from './convert.ts'
import { giveWay } from './give-way.ts'
import { importPieces } from './import.ts'
import { configOf, requireLasting, type Terminal } from './terminal.ts'

/**
 * Converts files of another system and puts what comes of it into the database: an empty one, or with `add` one in use. Nothing
 * of it goes in before all of it was read, worked out and checked. With `add` a dry run looks into the database too.
 */
export async function importFrom(
  terminal: Terminal,
  format: FormatName | null,
  files: readonly string[],
  { resume = false, add = false, ...flags }: ConvertFlags & { resume?: boolean; add?: boolean },
): Promise<void> {
  if (add || !flags.dryRun) requireLasting(configOf(terminal), { mayCreate: !add })
  if (add) giveWay(terminal)
  await withConversion(
    terminal,
    format,
    files,
    flags,
    async (conversion) => {
      const pieces = async function* () {
        for (const text of convertedText(conversion)) yield Buffer.from(text)
      }
      if (add) await addToDatabase({ ...terminal, stdin: pieces() }, '-', { force: flags.force === true })
      else await importPieces(terminal, files.join(', '), pieces, { resume })
    },
    async (conversion) =>
      add
        ? comparedToDatabase(terminal, placesIn(conversion), flags.force === true)
        : { lines: [], objections: [] },
  )
}

function* placesIn({ rows }: Conversion): Generator<Place> {
  for (const { kind, row } of rows())
    if (kind === 'comment') yield { id: String(row['id']), articleId: String(row['articleId']) }
}
