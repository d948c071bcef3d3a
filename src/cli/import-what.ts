import { formatCalled } from '../convert/format-names.ts'
import type { ConvertFlags } from './convert.ts'
import { CommandError, type Terminal } from './terminal.ts'

export type ImportFlags = ConvertFlags & { resume?: true; add?: true; from?: string | true }

/** An export of our own, or files of another system; into an empty database, or one in use. */
export async function importWhat(
  terminal: Terminal,
  given: readonly string[],
  { from, ...flags }: ImportFlags,
): Promise<void> {
  const format = typeof from === 'string' ? formatCalled(from) : null
  // What stands behind --from may be the first file.
  const files = typeof from === 'string' && format === null ? [from, ...given] : given
  const [file, second] = files
  if (file === undefined)
    throw new CommandError([
      `There is no file to import: name one${from === undefined ? ', or - for standard input' : ''}.`,
    ])
  if (from !== undefined) return (await import('./import-from.ts')).importFrom(terminal, format, files, flags)
  const { resume, add, force, ...others } = flags
  const [other = force === true && add !== true ? 'force' : undefined] = Object.keys(others)
  if (other !== undefined)
    throw new CommandError([
      `--${kebab(other)} is for files of other systems: say --from as well, with the system’s name or without.`,
    ])
  if (second !== undefined)
    throw new CommandError(['An export is one file. Several are taken of other systems alone (--from).'])
  return add === true
    ? (await import('./add.ts')).addToDatabase(terminal, file, { force: force === true })
    : (await import('./import.ts')).importDatabase(terminal, file, resume === true ? { resume } : {})
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
