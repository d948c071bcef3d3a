import type { SourceRecord } from './records.ts'
import type { SourceFile } from './source/source-file.ts'

/** One system's files. */
export type Format = {
  /** In the system's own spelling. */
  title: string
  /** Whether a file that begins so is one of its. */
  recognises: (beginning: Beginning) => boolean
  /**
   * Reads one file, in pieces: nothing of it is kept that grows with its size, but for names of pages.
   *
   * @throws SourceFault where it is not what it has to be.
   */
  read: (file: SourceFile, options: ReadOptions) => AsyncIterable<SourceRecord>
}

/** Up to the first 64 KiB of what is unpacked. As text it is read in the encoding that it says; what is none is U+FFFD. */
export type Beginning = { bytes: Buffer; text: string }

export type ReadOptions = {
  /** In which times are that say no zone, as IANA names it; `null` where nobody said. Never the machine's. */
  zone: string | null
  /** What is to be later than this is not yet so. */
  nowMs: number
}
