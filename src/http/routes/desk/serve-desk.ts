import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import type { Limits } from '../../limits/limits.ts'
import { countRead } from '../../serving/count-read.ts'
import { sendProblem } from '../../serving/send.ts'
import { answerOptions, type KnownPath } from '../../serving/unknown.ts'
import { deskFiles } from './desk-files.ts'

export const deskPaths: readonly KnownPath[] = [
  { path: '/desk', method: 'GET' },
  { path: '/desk/{file}', method: 'GET' },
]

/**
 * What shows readers' addresses, and decides: it takes its own files alone, sends nothing anywhere but to this service, stands in
 * nobody's frame, and is kept nowhere.
 */
const deskHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  vary: 'Accept-Encoding',
} as const

/** The moderators' page: plain files, which ask the API as any client does. `DESK=off` leaves them out. */
export function serveDesk(app: FastifyInstance, limits: Limits): void {
  app.route({
    method: 'GET',
    url: '/desk',
    config: { access: 'public', operationId: 'desk' },
    onRequest: countRead(limits),
    handler: async (request, reply) => sendFile(request, reply, 'index.html'),
  })
  app.route<{ Params: { file: string } }>({
    method: 'GET',
    url: '/desk/:file',
    config: { access: 'public', operationId: 'deskFile' },
    onRequest: countRead(limits),
    // Whoever writes a slash behind it means the desk; the page's addresses begin where it has none.
    handler: async (request, reply) =>
      request.params.file === '' || request.params.file === 'index.html'
        ? reply.code(308).header('location', '../desk').send()
        : sendFile(request, reply, request.params.file),
  })
  answerOptions(app, deskPaths)
}

function sendFile(request: FastifyRequest, reply: FastifyReply, name: string): FastifyReply {
  const file = deskFiles().get(name)
  if (file === undefined)
    return sendProblem(request, reply, {
      code: 'path-not-found',
      detail: 'There is no such file of the desk.',
    })
  const isGzipped = new Negotiator(request).encoding(['gzip', 'identity']) === 'gzip'
  reply.headers({ ...deskHeaders, 'content-type': file.mediaType })
  if (isGzipped) reply.header('content-encoding', 'gzip')
  return reply.send(isGzipped ? file.gzipped : file.body)
}
