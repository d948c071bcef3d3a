import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { bodyCutShort, headersTooLarge, problemOfError, type Taken } from '../faults.ts'
import { type Problem, problemTable } from '../problems.ts'
import { formMediaType } from './body-parser.ts'
import type { CorsHeaders } from './cors.ts'
import { STATUS_CODES } from './node-http.ts'
import { problemHeaders, problemText, sendProblem } from './send.ts'

/** Whatever was thrown, as a problem. What is not known to be the caller's doing is a fault: logged, and told as an id only. */
export async function handleError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const problem = hungUp(request, error) ? bodyCutShort : problemOfError(error, takenBy(request))
  if (problem.code === 'internal-error' || problem.code === 'not-ready')
    request.log.error({ err: error }, 'request failed')
  return sendProblem(request, reply, problem)
}

function takenBy({ routeOptions: { bodyLimit, config } }: FastifyRequest): Taken {
  return { limitBytes: bodyLimit, mediaType: config.takesForm ? formMediaType : 'application/json' }
}

/** The client went away before its body had arrived: nobody will read the answer, but it is no fault of ours. */
function hungUp(request: FastifyRequest, error: unknown): boolean {
  return (error as Partial<FastifyError>).code === 'ECONNRESET' && request.raw.complete === false
}

/** Answers what is not even HTTP, where no request and no reply exist yet. */
export function handleClientError(
  error: Error & { code?: string; rawPacket?: Buffer },
  socket: Socket,
  pages: CorsHeaders,
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const problem = clientErrors[error.code ?? ''] ?? notHttp
  const { status } = problemTable[problem.code]
  const body = problemText(problem, randomUUID())
  const headers = {
    ...problemHeaders,
    ...pages(originIn(error.rawPacket)),
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...head, '', body].join('\r\n'))
}

/** The page's origin, as far as it stands in what came last; there is no request that would have it. */
function originIn(packet: Buffer | undefined): string | undefined {
  return /\r\norigin:[ \t]*([!-~]{1,300})[ \t]*\r\n/i.exec(packet?.toString('latin1') ?? '')?.[1]
}

const notHttp: Problem = { code: 'invalid-request', detail: 'The request is not valid HTTP.' }

const clientErrors: Record<string, Problem> = {
  HPE_HEADER_OVERFLOW: headersTooLarge,
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'request-timeout', detail: 'The request was not complete in time.' },
}
