import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { parse as parseAtOnce } from 'csv-parse/sync'
import { SourceFault } from '../source-fault.ts'
import { decoded } from './decoding.ts'
import type { SourceFile } from './source-file.ts'

/** In bytes. A comment of 10,000 characters, each an entity in a tag of its own, has less. */
const longest = 2 ** 20

/**
 * The rows of a file of comma-separated values (RFC 4180), each with as many cells as the first.
 *
 * @throws SourceFault with the line where it is none.
 */
export async function* csvRowsIn(file: SourceFile): AsyncGenerator<string[]> {
  const source = Readable.from(decoded(file.pieces()))
  const parser = parse({ max_record_size: longest, skip_empty_lines: true })
  source.on('error', (error) => parser.destroy(error))
  source.pipe(parser)
  try {
    for await (const row of parser) yield row as string[]
  } catch (error) {
    throw error instanceof CsvError ? faultOf(error) : error
  } finally {
    source.destroy()
    parser.destroy()
  }
}

/** What the parser says quotes the file. */
function faultOf(error: CsvError): SourceFault {
  const { lines } = error
  const where = typeof lines === 'number' ? `Line ${lines}: ` : ''
  return new SourceFault(where + (sentences[error.code] ?? 'These are no comma-separated values.'))
}

const sentences: Partial<Record<CsvError['code'], string>> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'There are fewer columns, or more, than in the first row.',
  CSV_RECORD_INCONSISTENT_COLUMNS: 'There are fewer columns, or more, than in the first row.',
  CSV_QUOTE_NOT_CLOSED: 'It is cut off: a quote does not end.',
  CSV_MAX_RECORD_SIZE: 'There is a row that does not end: no export has one so long.',
}

/** Of a beginning that may end anywhere; `null` where there is none. */
export function firstCsvRowOf(beginning: string): string[] | null {
  try {
    return parseAtOnce(beginning, { to: 1, max_record_size: longest, skip_empty_lines: true })[0] ?? null
  } catch {
    return null
  }
}
