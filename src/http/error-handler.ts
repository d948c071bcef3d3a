import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type Problem, type ProblemCode, ProblemError, problemBody, problemTable } from './problems.ts'
import { sendProblem } from './send.ts'

/** The largest body that is read. A comment of the greatest length fits in it. */
export const bodyLimitBytes = 64 * 1024

/** Whatever was thrown, as a problem. What is not known to be the caller's doing is a fault: logged, and told as an id only. */
export async function handleError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const problem = problemOfError(error)
  if (problem.code === 'internal-error') request.log.error({ err: error }, 'request failed')
  return sendProblem(request, reply, problem)
}

function problemOfError(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  switch ((error as Partial<FastifyError>).code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { code: 'body-too-large', detail: `The body must be at most ${bodyLimitBytes} bytes.` }
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return { code: 'invalid-request', detail: 'The body is not as long as Content-Length says.' }
    case 'FST_ERR_BAD_URL':
      return {
        code: 'invalid-request',
        detail: 'The path is not valid.',
        errors: [{ in: 'path', pointer: '', detail: 'must be percent-encoded UTF-8' }],
      }
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return { code: 'invalid-request', detail: 'A part of the path is too long.' }
    case 'FST_UNDER_PRESSURE':
      return {
        code: 'overloaded',
        detail: 'The service has more to do than it can. Try again later.',
        headers: { 'retry-after': '10' },
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
  const code: ProblemCode = clientErrors[error.code ?? ''] ?? 'invalid-request'
  const { status } = problemTable[code]
  const body = `${JSON.stringify(problemBody({ code, detail: 'The request is not valid HTTP.' }, randomUUID()), null, 2)}\n`
  socket.end(
    `HTTP/1.1 ${status} ${statusTexts[status]}\r\nContent-Type: application/problem+json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

const clientErrors: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
}

const statusTexts: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}
