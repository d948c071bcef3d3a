import type { FastifyError } from 'fastify'
import { type Problem, ProblemError } from './problems.ts'

/**
 * The largest body that is read. A comment of the greatest length fits in it as UTF-8, of four bytes a character at the
 * most, and with each character escaped as `\uXXXX` too; not with pairs of escapes, of twelve bytes a character.
 */
export const bodyLimitBytes = 64 * 1024

/** The largest request line with its headers: a hundred whole URLs, percent-encoded, may be counted at once. */
export const headerLimitBytes = 64 * 1024

/** What is read of them: whoever sends more than is taken, and not much more, is answered by the page's own rules. */
export const headerReadBytes = 2 * headerLimitBytes

/** What a route takes, where that is not what most do. */
export type Taken = { limitBytes: number; mediaType: string }

const mostRoutes: Taken = { limitBytes: bodyLimitBytes, mediaType: 'application/json' }

export const headersTooLarge: Problem = {
  code: 'headers-too-large',
  detail: `The request line and the headers must be at most ${headerLimitBytes} bytes together.`,
}

/** What the caller is told of whatever was thrown. */
export function problemOfError(error: unknown, taken: Taken = mostRoutes): Problem {
  if (error instanceof ProblemError) return error.problem
  switch ((error as Partial<FastifyError>).code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { code: 'body-too-large', detail: `The body must be at most ${taken.limitBytes} bytes.` }
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return {
        code: 'unsupported-media-type',
        detail: 'The Content-Type header names no media type.',
        headers: { accept: taken.mediaType },
      }
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return bodyCutShort
    case 'FST_ERR_BAD_URL':
      return undecodablePath
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return {
        code: 'invalid-request',
        detail: 'A part of the path is too long.',
        errors: [
          {
            in: 'path',
            pointer: '',
            code: 'too-long',
            detail: 'must not have a part that is longer than any id',
          },
        ],
      }
    case 'STORE_BUSY':
      return {
        code: 'overloaded',
        detail: 'The database has more to write than it can, or is locked. Nothing was written; try again.',
        headers: { 'retry-after': '1' },
      }
    case 'STORE_FULL':
    case 'STORE_READ_ONLY':
    case 'STORE_FAILED':
    case 'STORE_CLOSED':
      return {
        code: 'not-ready',
        detail:
          'The database does not answer, or takes no writes. Try again later; with the same Idempotency-Key nothing is written twice.',
        headers: { 'retry-after': '5' },
      }
    default:
      return {
        code: 'internal-error',
        detail: 'Something failed here. The log has it under the id in instance.',
      }
  }
}

export const bodyCutShort: Problem = {
  code: 'invalid-request',
  detail: 'The body is not as long as Content-Length says.',
  errors: [
    {
      in: 'header',
      pointer: '/content-length',
      code: 'wrong-length',
      detail: 'must be the length of the body',
    },
  ],
}

const undecodablePath: Problem = {
  code: 'invalid-request',
  detail: 'The path is not valid.',
  errors: [{ in: 'path', pointer: '', code: 'bad-encoding', detail: 'must be percent-encoded UTF-8' }],
}
