/** The states a comment can be in. `withdrawn` is final: its text and address are erased. */
export const commentStatuses = ['pending', 'approved', 'rejected', 'withdrawn'] as const
export type CommentStatus = (typeof commentStatuses)[number]

/** What is done to a comment: a moderator approves, rejects, gives it back to the queue or erases it; its author withdraws. */
export const commentActions = ['approve', 'reject', 'reopen', 'withdraw', 'erase'] as const
export type CommentAction = (typeof commentActions)[number]

/** What a line of the log is about: an action, or a note among moderators, which changes nothing. */
export const logActions = [...commentActions, 'note'] as const
export type LogAction = (typeof logActions)[number]

/** Lengths in Unicode code points, as a reader counts them. */
export const commentLimits = {
  name: 100,
  email: 254,
  body: 10_000,
  reason: 200,
  reasonCode: 50,
  note: 2_000,
} as const

/** How many of a comment's replies are looked at for one answer, so that no thread can hold the others up. */
export const repliesWalked = 5_000

/** `email` is `null` where it is not known: only who submits has to give one, not whose comment was brought along from elsewhere. */
export type Author = { name: string; email: string | null }

export type Comment = {
  /** UUIDv7: it sorts by time of submission. */
  id: string
  articleId: string
  parentId: string | null
  status: CommentStatus
  /** Starts at 1 and moves by one with every decision: what a commit compares and sets. */
  version: number
  /** `null` once withdrawn. */
  author: Author | null
  /** `null` once withdrawn. */
  body: string | null
  submittedAtMs: number
  /** When the approval that stands was given; `null` while the comment is not public. */
  publishedAtMs: number | null
  /** When it was last decided about; `null` while it never was. */
  decidedAtMs: number | null
  /** SHA-256 of the author's receipt. The receipt itself is kept nowhere. */
  receiptHash: string
}

/** What of an approved comment is public: a reader's address is not even read from the store for it. */
export type PublishedComment = {
  id: string
  parentId: string | null
  authorName: string
  body: string
  submittedAtMs: number
  publishedAtMs: number
  /**
   * The revision of its article that its approval made. It grows with each commit, whatever the clocks of several replicas
   * say, so nothing is ever published before what a reader has seen already.
   */
  publishedRevision: number
}

/** One line of the append-only log, written in the same commit as the state it explains. */
export type Decision = {
  id: string
  commentId: string
  action: LogAction
  /** The comment's version that this decision made; that of a note is the one that it was written under. */
  version: number
  /** The name of the moderator's token, or of an import (`isImportName`); `null` when the author withdrew. */
  decidedBy: string | null
  /** Shown to the author. */
  reason: string | null
  /** One of the deployment's ready reasons, as it was called then. Its text is what the author is shown where there is no other. */
  reasonCode: string | null
  /** For moderators only. */
  note: string | null
  decidedAtMs: number
  /** The comment whose rejection took this one along; `null` where it was decided about by itself. */
  rejectedWith: string | null
  /** That comment's version while the rejection stood. */
  rejectedWithVersion: number | null
}

/** A line as it stands in the log. */
export type LoggedDecision = Decision & {
  /**
   * Counts all lines of the log. It grows in the order in which they were committed, so none is ever seen below one that was
   * seen before.
   */
  position: number
}

/** One comment's step from a version to the next, with the log line that explains it. */
export type Change = {
  before: Comment
  after: Comment
  decision: Decision
}

/** A reply is to an approved comment of the same article: nobody has read any other. */
export function canBeRepliedTo(parent: Comment | null, articleId: string): boolean {
  return parent !== null && parent.articleId === articleId && isPublic(parent)
}

/** A comment is public if and only if its own status is approved: no parent, no reply changes that. */
export function isPublic(comment: Pick<Comment, 'status'>): boolean {
  return comment.status === 'approved'
}

/**
 * `import:` and the name of another system's format: who decided about what was brought along from there. 1 to 100 characters
 * in all, as a token's name, and never one: those have no colon.
 */
export function isImportName(text: string): boolean {
  return /^import:[A-Za-z\d-]{1,93}$/.test(text)
}
