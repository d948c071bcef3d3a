import { StoreFault } from '../store/store-fault.ts'
import { CommandError } from './terminal.ts'
import { FormatFault } from './transfer-format.ts'

/**
 * What is wrong with a file of ours, or with reading it, as sentences; `-` is standard input. One that was made of another
 * system's (`isMade`) is taken for that system's by nobody.
 */
export async function explainingFile<T>(
  file: string,
  what: 'added' | 'imported',
  work: () => Promise<T>,
  { isMade = false }: { isMade?: boolean } = {},
): Promise<T> {
  const name = file === '-' ? 'Standard input' : file
  try {
    return await work()
  } catch (error) {
    if (error instanceof FormatFault)
      throw new CommandError([
        `${name} cannot be ${what}. ${error.message}`,
        ...(isMade ? [] : await hintFor(file, what)),
      ])
    if (error instanceof Error && 'syscall' in error && !(error instanceof StoreFault))
      throw new CommandError([`${name} cannot be read: ${error.message}`])
    throw error
  }
}

/** For who has a file of another system, and does not know yet how it comes in. */
async function hintFor(file: string, what: 'added' | 'imported'): Promise<string[]> {
  if (file === '-') return []
  const { formatOfFile } = await import('../convert/convert.ts')
  const format = await formatOfFile(file)
  const command = what === 'added' ? 'import --add' : 'import'
  return format === null
    ? []
    : [`It looks like a file of another system: ${command} --from ${format} takes it.`]
}
