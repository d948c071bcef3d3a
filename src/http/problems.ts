import { z } from 'zod'
import { articleIdBytes } from '../domain/articles/article-id.ts'
import type { Refusal, RefusalCode } from '../domain/refusal.ts'
import { plain } from './answer-fields.ts'
import { type FieldErrorCode, fieldErrorCodes } from './field-errors.ts'

/** What a problem's `type` begins with; its code follows. docs/problems.md explains each. */
export const problemTypePrefix = 'urn:imprimatur:problem:'

/** The one table from code to status and title (RFC 9457). A code is stable; a title may be reworded. */
export const problemTable = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'token-missing': { status: 401, title: 'A bearer token is needed' },
  'token-invalid': { status: 401, title: 'The bearer token is not valid' },
  'token-scope-too-small': { status: 403, title: 'The token does not allow this' },
  'path-not-found': { status: 404, title: 'No such path' },
  'comment-not-found': { status: 404, title: 'Comment not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'not-acceptable': { status: 406, title: 'No acceptable representation' },
  'article-not-found': { status: 404, title: 'Article not found' },
  'article-closed': { status: 409, title: 'The article takes no more comments' },
  'article-moved': { status: 409, title: 'The article was moved' },
  'article-moving': { status: 409, title: 'The article is being moved' },
  'comment-withdrawn': { status: 409, title: 'The comment was withdrawn' },
  'decision-conflict': { status: 409, title: 'Others are deciding too' },
  'idempotency-key-in-flight': { status: 409, title: 'The first request is still in flight' },
  'version-mismatch': { status: 412, title: 'The comment has changed' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  'parent-not-available': { status: 422, title: 'The parent comment cannot be replied to' },
  'reason-unknown': { status: 422, title: 'No such reason' },
  'looks-automated': { status: 422, title: 'The form was not filled in by a person' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key was used before' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The request headers are too large' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  'internal-error': { status: 500, title: 'Internal error' },
  'queue-full': { status: 503, title: 'The queue is full' },
  overloaded: { status: 503, title: 'The service is overloaded' },
  'not-ready': { status: 503, title: 'The service is not ready' },
} as const satisfies Record<RefusalCode, Entry> & Record<string, Entry>

export type ProblemCode = keyof typeof problemTable

export type Problem = {
  code: ProblemCode
  detail: string
  errors?: readonly FieldError[]
  headers?: Readonly<Record<string, string>>
}

/** A refusal as a problem: the same code, and what it says of retrying and of the field that caused it. */
export function problemOf({ code, detail, retryAfterSeconds, pointer }: Refusal): Problem {
  return {
    code,
    detail,
    ...(pointer !== undefined && { errors: [{ in: 'body', pointer, code, detail }] }),
    ...(retryAfterSeconds !== undefined && { headers: { 'retry-after': String(retryAfterSeconds) } }),
  }
}

/** The body as it goes out. `requestId` is all that a 5xx tells of its cause. */
export function problemBody({ code, detail, errors }: Problem, requestId: string): ProblemBody {
  const { status, title } = problemTable[code]
  return {
    type: problemTypePrefix + code,
    title,
    status,
    detail,
    instance: `urn:uuid:${requestId}`,
    ...(errors !== undefined && { errors: [...errors] }),
  }
}

/** A problem found where only throwing is possible: in a body parser. The error handler answers it. */
export class ProblemError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

/** The shape of every problem's body. */
export const problem = z
  .strictObject({
    type: z.string().meta({
      description: 'Which problem it is: compare this one. Stable.',
      examples: ['urn:imprimatur:problem:comment-not-found'],
      override: { format: 'uri', maxLength: 100, pattern: '^urn:imprimatur:problem:[a-z-]+$' },
    }),
    title: plain(100, 'The problem in a few words; the same for each of its type.', 'Comment not found'),
    status: z.int().meta({
      description: 'The HTTP status.',
      examples: [404],
      override: { type: 'integer', format: 'int32', minimum: 400, maximum: 599 },
    }),
    // It may name an article.
    detail: plain(
      articleIdBytes + 500,
      'What went wrong this time and what helps.',
      'There is no comment with this id.',
    ),
    instance: z.string().meta({
      description: 'The id of this request, as the log has it.',
      examples: ['urn:uuid:5b1c1f0a-9d1e-8a52-9c3e-000000000001'],
      override: { format: 'uri', maxLength: 45, pattern: '^urn:uuid:[0-9a-f-]{36}$' },
    }),
    errors: z
      .array(
        z
          .strictObject({
            in: z
              .enum(['body', 'path', 'query', 'header'])
              .meta({ description: 'Which part of the request.', examples: ['body'] }),
            pointer: plain(1_000, 'JSON pointer (RFC 6901) into that part.', '/author/email'),
            code: z.string().meta({
              description: `Which rule it breaks, to say so in a reader's language. Stable; new ones may be added, so take one that you do not know as \`invalid\`. Now: ${fieldErrorCodes.map((code) => `\`${code}\``).join(', ')}; and, where one field is why a valid request was refused, the problem's own code.`,
              examples: ['required'],
              override: {
                maxLength: 50,
                pattern: '^[a-z-]+$',
                'x-extensible-enum': [...fieldErrorCodes, 'parent-not-available', 'reason-unknown'],
              },
            }),
            detail: plain(1_000, 'What is wrong there.', 'is required'),
          })
          .meta({ id: 'FieldError' }),
      )
      .max(1_000)
      .optional()
      .meta({ description: 'Every field that is wrong, all at once.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' })

export type ProblemBody = z.infer<typeof problem>
export type FieldError = NonNullable<ProblemBody['errors']>[number] & { code: FieldErrorCode }

type Entry = { status: number; title: string }
