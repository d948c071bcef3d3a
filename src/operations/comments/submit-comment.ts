import { type CloseAfterDays, isClosed } from '../../domain/articles/article.ts'
import type { Author, Comment } from '../../domain/comments/comment.ts'
import { canBeRepliedTo, isPublic } from '../../domain/comments/comment.ts'
import { type FormUse, looksAutomated } from '../../domain/comments/form-use.ts'
import { type IdempotencyRecord, idempotencyWindowMs } from '../../domain/comments/idempotency.ts'
import { accepted, type Outcome, refused } from '../../domain/refusal.ts'
import { receiptPrefix } from '../../domain/tokens/token.ts'
import type { ArticleStore } from '../../store/articles.ts'
import type { CommentStore } from '../../store/comments.ts'
import type { Deps } from '../deps.ts'
import { derive, hashSecret, newSalt, newSecret } from '../secrets.ts'

export type SubmitDeps = Deps<
  Pick<CommentStore, 'submit' | 'findIdempotencyRecord' | 'findComment'> & Pick<ArticleStore, 'findArticle'>
> & {
  /** How many comments may wait; 0 is no limit. */
  maxPending: number
  /** The hashes of the idempotency keys whose submissions this process is committing. */
  submissionsInFlight: Set<string>
  closeAfterDays: CloseAfterDays
  /** How long a form must have been shown before it is sent; 0 is no least time. */
  leastFormMs: number
  /**
   * Asked where nothing but the write is left to do, so that only what would be written counts against a limit; once for
   * each submission. Nothing is written where the answer is no.
   */
  mayWrite: () => Promise<boolean>
}

export type SubmitInput = {
  articleId: string
  parentId: string | null
  /** With an address: it may be unknown of what is brought along, not of what is submitted. */
  author: Author & { email: string }
  body: string
  /** Of the acknowledgement; a retry is answered in the first answer's. */
  language: string
  idempotencyKey: string | null
  /** `null` where it comes from no form. */
  form: FormUse | null
}

export type Acknowledgement = {
  commentId: string
  receipt: string
  language: string
  /** `true` where the key was known and nothing new was written. */
  replayed: boolean
}

/** Each attempt asks anew where the article has gone; five moves while one comment is submitted are no accident. */
const maxAttempts = 5

/** Seconds until a client asks again: long enough for a full queue to be worked on by somebody. */
const queueFullRetrySeconds = 600

/** Takes a comment into the queue. Resolves only once it is durable. */
export async function submitComment(deps: SubmitDeps, input: SubmitInput): Promise<Outcome<Acknowledgement>> {
  const key = input.idempotencyKey
  if (key === null) return addComment(deps, input, newSecret(receiptPrefix), null)

  const keyHash = hashSecret(key)
  if (deps.submissionsInFlight.has(keyHash)) {
    return refused(
      'idempotency-key-in-flight',
      'A submission with this Idempotency-Key is still being written.',
      {
        retryAfterSeconds: 1,
      },
    )
  }
  deps.submissionsInFlight.add(keyHash)
  try {
    const record = await deps.store.findIdempotencyRecord(keyHash, deps.clock())
    if (record !== null) return answerAgain(record, key, input)
    const salt = newSalt()
    return await addComment(deps, input, receiptOf(key, salt), { key, keyHash, salt })
  } finally {
    deps.submissionsInFlight.delete(keyHash)
  }
}

async function addComment(
  deps: SubmitDeps,
  input: SubmitInput,
  receipt: string,
  idempotency: Idempotency | null,
): Promise<Outcome<Acknowledgement>> {
  // Whatever else may come to look at a submission before it is written looks at it here.
  if (input.form !== null && looksAutomated(input.form, deps.leastFormMs)) {
    return refused(
      'looks-automated',
      'The form was sent faster than people write, or a field was filled in that nobody sees. Send it again later.',
    )
  }
  let asked: Promise<boolean> | undefined
  const mayWrite = () => {
    asked ??= deps.mayWrite()
    return asked
  }
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const article = await deps.store.findArticle(input.articleId)
    if (article !== null && isClosed(article, deps.closeAfterDays, deps.clock()))
      return refused('article-closed', 'This article takes no more comments.')
    const articleId = article?.articleId ?? input.articleId
    const outcome = await addTo(articleId, { ...deps, mayWrite }, input, receipt, idempotency)
    if (outcome !== 'moved') return outcome
  }
  return refused('article-moving', 'This article is being moved. Try again.', { retryAfterSeconds: 1 })
}

/** Adds the comment to the article that answers for the id that was sent; `moved` where another does by now. */
async function addTo(
  articleId: string,
  deps: SubmitDeps,
  input: SubmitInput,
  receipt: string,
  idempotency: Idempotency | null,
): Promise<Outcome<Acknowledgement> | 'moved'> {
  if (input.parentId !== null) {
    const parent = await deps.store.findComment(input.parentId)
    if (!canBeRepliedTo(parent, articleId) && !(await isComing(deps, parent, articleId))) {
      return refused('parent-not-available', 'parentId must be an approved comment of the same article.', {
        pointer: '/parentId',
      })
    }
  }

  if (!(await deps.mayWrite())) return refused('too-many-requests', 'Too many comments are submitted.')
  const comment = pendingComment(deps, { ...input, articleId }, hashSecret(receipt))
  const record = idempotency === null ? null : recordOf(idempotency, comment, input)
  const outcome = await deps.store.submit({ comment, idempotency: record, maxPending: deps.maxPending })
  switch (outcome.kind) {
    case 'committed':
      return accepted({ commentId: comment.id, receipt, language: input.language, replayed: false })
    case 'full':
      return refused('queue-full', 'Too many comments wait for a moderator. Try again later.', {
        retryAfterSeconds: queueFullRetrySeconds,
      })
    case 'moved':
    case 'stale':
      return 'moved'
    case 'replayed':
      // Another process wrote the same key since we looked; only a submission with a key can meet this.
      return answerAgain(outcome.record, idempotency?.key ?? '', input)
  }
}

/** Whether the parent lies under an id for which this article answers: it may not have been taken over yet. */
async function isComing(deps: SubmitDeps, parent: Comment | null, articleId: string): Promise<boolean> {
  if (parent === null || !isPublic(parent)) return false
  return (await deps.store.findArticle(parent.articleId))?.articleId === articleId
}

function pendingComment(deps: SubmitDeps, input: SubmitInput, receiptHash: string): Comment {
  return {
    id: deps.newId(),
    articleId: input.articleId,
    parentId: input.parentId,
    status: 'pending',
    version: 1,
    author: input.author,
    body: input.body,
    submittedAtMs: deps.clock(),
    publishedAtMs: null,
    decidedAtMs: null,
    receiptHash,
  }
}

function recordOf({ keyHash, salt }: Idempotency, comment: Comment, input: SubmitInput): IdempotencyRecord {
  return {
    keyHash,
    salt,
    fingerprint: fingerprintOf(input, salt),
    commentId: comment.id,
    language: input.language,
    expiresAtMs: comment.submittedAtMs + idempotencyWindowMs,
  }
}

function answerAgain(record: IdempotencyRecord, key: string, input: SubmitInput): Outcome<Acknowledgement> {
  if (record.fingerprint !== fingerprintOf(input, record.salt)) {
    return refused(
      'idempotency-key-reused',
      'This Idempotency-Key was used for another submission. A new submission needs a new key.',
    )
  }
  return accepted({
    commentId: record.commentId,
    receipt: receiptOf(key, record.salt),
    language: record.language,
    replayed: true,
  })
}

/** Derived, so that a retry gets the same receipt though no receipt is kept. */
function receiptOf(key: string, salt: string): string {
  return receiptPrefix + derive(key, salt)
}

function fingerprintOf({ articleId, parentId, author, body }: SubmitInput, salt: string): string {
  return derive(JSON.stringify([articleId, parentId, author.name, author.email, body]), salt)
}

type Idempotency = { key: string; keyHash: string; salt: string }
