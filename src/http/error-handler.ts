import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type Problem, ProblemError, problemTable } from './problems.ts'
import { problemHeaders, problemText, sendProblem } from './send.ts'

/**
 * The largest body that is read. A comment of the greatest length fits in it as UTF-8, of four bytes a character at the
 * most, and with each character escaped as `\uXXXX` too; not with pairs of escapes, of twelve bytes a character.
 */
export const bodyLimitBytes = 64 * 1024

/** The largest request line with its headers: a hundred whole URLs, percent-encoded, may be counted at once. */
export const headerLimitBytes = 64 * 1024

/** Whatever was thrown, as a problem. What is not known to be the caller's doing is a fault: logged, and told as an id only. */
export async function handleError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const problem = hungUp(request, error) ? bodyCutShort : problemOfError(error)
  if (problem.code === 'internal-error' || problem.code === 'not-ready')
    request.log.error({ err: error }, 'request failed')
  return sendProblem(request, reply, problem)
}

/** The client went away before its body had arrived: nobody will read the answer, but it is no fault of ours. */
function hungUp(request: FastifyRequest, error: unknown): boolean {
  return (error as Partial<FastifyError>).code === 'ECONNRESET' && request.raw.complete === false
}

const bodyCutShort: Problem = {
  code: 'invalid-request',
  detail: 'The body is not as long as Content-Length says.',
  errors: [{ in: 'header', pointer: '/content-length', detail: 'must be the length of the body' }],
}

const undecodablePath: Problem = {
  code: 'invalid-request',
  detail: 'The path is not valid.',
  errors: [{ in: 'path', pointer: '', detail: 'must be percent-encoded UTF-8' }],
}

/** What the caller is told of whatever was thrown. */
export function problemOfError(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  switch ((error as Partial<FastifyError>).code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { code: 'body-too-large', detail: `The body must be at most ${bodyLimitBytes} bytes.` }
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return {
        code: 'unsupported-media-type',
        detail: 'The Content-Type header names no media type.',
        headers: { accept: 'application/json' },
      }
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return bodyCutShort
    case 'FST_ERR_BAD_URL':
      return undecodablePath
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return {
        code: 'invalid-request',
        detail: 'A part of the path is too long.',
        errors: [{ in: 'path', pointer: '', detail: 'must not have a part that is longer than any id' }],
      }
    case 'FST_UNDER_PRESSURE':
      return {
        code: 'overloaded',
        detail: 'The service has more to do than it can. Try again later.',
        headers: { 'retry-after': '10' },
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

/** Answers what is not even HTTP, where no request and no reply exist yet. */
export function handleClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const problem = clientErrors[error.code ?? ''] ?? notHttp
  const { status } = problemTable[problem.code]
  const body = problemText(problem, randomUUID())
  const headers = { ...problemHeaders, 'content-length': Buffer.byteLength(body), connection: 'close' }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...head, '', body].join('\r\n'))
}

const notHttp: Problem = { code: 'invalid-request', detail: 'The request is not valid HTTP.' }

const clientErrors: Record<string, Problem> = {
  HPE_HEADER_OVERFLOW: {
    code: 'headers-too-large',
    detail: `The request line and the headers must be at most ${headerLimitBytes} bytes together.`,
  },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'request-timeout', detail: 'The request was not complete in time.' },
}
