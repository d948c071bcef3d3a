import type { FastifyInstance } from 'fastify'
import Negotiator from 'negotiator'
import { noneMatch } from '../../entity-tag.ts'
import type { Limits } from '../../limits/limits.ts'
import { countRead } from '../../serving/count-read.ts'
import { sendProblem } from '../../serving/send.ts'
import { answerOptions, type KnownPath } from '../../serving/unknown.ts'
import { type EmbedFile, embedFiles } from './embed-files.ts'

export const embedPaths: readonly KnownPath[] = [{ path: '/embed/{file}', method: 'GET', openTo: 'all' }]

/** How long a browser keeps what a stable name stands for: so long after an update pages still run what was before it. */
const freshSeconds = 300

/**
 * The scripts and the style that sites load into their pages. By its stable name a file is kept for some minutes; by the name
 * that has its digest in it, for ever. The digest of an older version gives what there is now: a page that was kept
 * somewhere goes on working, unless it asks for the older bytes by `integrity`.
 */
export function serveEmbed(app: FastifyInstance, limits: Limits): void {
  app.route<{ Params: { file: string } }>({
    method: 'GET',
    url: '/embed/:file',
    config: { access: 'public', operationId: 'embed', openTo: 'all' },
    onRequest: countRead(limits),
    handler: async (request, reply) => {
      const found = fileNamed(request.params.file)
      if (found === null) return sendProblem(request, reply, noSuchFile)
      const { file, isForever } = found
      const isGzipped = new Negotiator(request).encoding(['gzip', 'identity']) === 'gzip'
      const etag = `"${file.versionedName}${isGzipped ? '-gzip' : ''}"`
      reply.headers({
        'cache-control': `public, max-age=${isForever ? '31536000, immutable' : freshSeconds}`,
        'content-type': file.mediaType,
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'cross-origin',
        vary: 'Accept-Encoding',
        etag,
      })
      if (noneMatch(request.headers['if-none-match'], etag))
        return reply.code(304).removeHeader('content-type').send()
      if (isGzipped) reply.header('content-encoding', 'gzip')
      return reply.send(isGzipped ? file.gzipped : file.body)
    },
  })
  answerOptions(app, embedPaths)
}

const noSuchFile = { code: 'path-not-found', detail: 'There is no such file for pages.' } as const

function fileNamed(name: string): { file: EmbedFile; isForever: boolean } | null {
  const stable = name.replace(/-[0-9a-f]{10}(\.\w+)$/, '$1')
  const file = embedFiles().get(stable)
  return file === undefined ? null : { file, isForever: name === file.versionedName }
}
