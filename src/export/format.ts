import type { CommentStatus } from '../domain/comments/comment.ts'
import type { Threads } from './threads.ts'

/** Our own format, the NDJSON that `import` reads, is none of these. */
export const formatNames = ['wordpress', 'disqus', 'csv'] as const
export type FormatName = (typeof formatNames)[number]

/** What a file for others is: each format is one file beside this one. */
export type Format = {
  /** For sentences. */
  name: string
  /** What it can say of a comment so that nobody who reads the file takes a hidden one for a public one. */
  statuses: readonly CommentStatus[]
  /** Which of them go in where nobody asks. */
  usualStatuses: readonly CommentStatus[]
  /** Whether an article without a URL would be shown nowhere. */
  needsUrls: boolean
  /** The file, a small piece at a time. */
  pieces: (threads: Threads) => Iterable<string>
}
