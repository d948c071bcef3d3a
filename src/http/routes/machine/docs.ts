import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  LogController,
} from 'fastify'
import type { Limits } from '../../limits/limits.ts'
import { countRead } from '../../serving/count-read.ts'
import { handleError } from '../../serving/error-handler.ts'
import { requestIds } from '../../serving/request-id.ts'
import { sendProblem } from '../../serving/send.ts'
import { answerOptions, type KnownPath } from '../../serving/unknown.ts'

export const docsPaths: readonly KnownPath[] = [
  { path: '/docs', method: 'GET' },
  { path: '/docs/*', method: 'GET' },
]

/**
 * The document as a page at /docs, all of it served from the package: a reader's network may have no way out. The pages
 * are a service of their own, made when somebody first reads them: most deployments never do, and it would cost each
 * start 50 ms and 10 MB.
 */
export function registerDocs(app: FastifyInstance, limits: Limits, openapi: () => string): void {
  let pages: Promise<FastifyInstance> | undefined
  for (const { path, method } of docsPaths) {
    app.route({
      method,
      url: path,
      config: { access: 'public', operationId: 'docs' },
      onRequest: countRead(limits),
      handler: async (request, reply) => {
        // The page's addresses are relative to this one, since a proxy may have a path before it.
        if (path === '/docs') return reply.redirect('docs/', 302)
        pages ??= createPages(openapi, app.log)
        const { routing } = await pages
        for (const [name, value] of Object.entries(reply.getHeaders())) {
          if (value !== undefined) reply.raw.setHeader(name, value)
        }
        reply.hijack()
        routing(request.raw, reply.raw)
        return reply
      },
    })
  }
  answerOptions(app, docsPaths)
  app.addHook('onClose', async () => (await pages)?.close())
}

/** Tried out from its own page, it is the service that shows the page, and no other that the document names. */
function ofThisDeployment(openapi: string) {
  return { ...JSON.parse(openapi), servers: [{ url: '..' }] }
}

/** A seal with a check in it: let it be printed. */
function mark(seal: string, check: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="${seal}"/><path d="M8.5 16.5l5 5 10-11" fill="none" stroke="${check}" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"/></svg>`
}

const wordmark = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 40"><svg y="4" width="32" height="32">${mark('#fff', '#7a1f2b')}</svg><text x="42" y="27" fill="#fff" font-family="Georgia, serif" font-size="22">Imprimatur</text></svg>`

/** There is one document to show, so none is asked for; and the list of calls begins near the top. */
const ownStyle = `.swagger-ui .topbar { background: #7a1f2b; padding: 6px 0 }
.swagger-ui .topbar .download-url-wrapper { visibility: hidden; flex: 1 }
.swagger-ui .information-container .info { margin: 20px 0 }
.swagger-ui .info .base-url, .swagger-ui .info hgroup.main > a { display: none }
.swagger-ui .scheme-container { padding: 10px 0; margin: 0 0 10px }
.swagger-ui .info details summary { cursor: pointer }
`

const noSuchPage = {
  code: 'path-not-found',
  detail: 'There is nothing at this path. The paths are at /docs.',
} as const

async function createPages(
  openapi: () => string,
  loggerInstance: FastifyBaseLogger,
): Promise<FastifyInstance> {
  const [{ default: helmet }, { default: swagger }, { default: swaggerUi }] = await Promise.all([
    import('@fastify/helmet'),
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
  ])
  const pages = fastify({
    genReqId: requestIds(),
    routerOptions: { querystringParser: () => ({}) },
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
  })
  // Whatever the file server finds wrong with a request for a page, there is no such page to be had.
  pages.setErrorHandler(async (error: Partial<FastifyError>, request, reply) =>
    (error.statusCode ?? 500) < 500
      ? sendProblem(request, reply, noSuchPage)
      : handleError(error, request, reply),
  )
  pages.setNotFoundHandler(async (request, reply) => sendProblem(request, reply, noSuchPage))
  // The plugin would serve the document in YAML as well, which nothing tells of: it is at /openapi.json.
  pages.addHook('onRequest', async (request, reply) =>
    request.routeOptions.url === '/docs/yaml' ? sendProblem(request, reply, noSuchPage) : undefined,
  )
  await pages.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // Swagger UI styles its elements in place.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // A promise for the whole host, and for those below it: whoever ends the TLS connection has to make it.
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
  })
  await pages.register(swagger, { mode: 'static', specification: { document: ofThisDeployment(openapi()) } })
  await pages.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { url: '/docs/json', deepLinking: true, docExpansion: 'list', validatorUrl: null },
    logo: { type: 'image/svg+xml', content: Buffer.from(wordmark), href: './' },
    theme: {
      title: 'Imprimatur: the API',
      css: [{ filename: 'imprimatur.css', content: ownStyle }],
      favicon: [
        {
          filename: 'mark.svg',
          rel: 'icon',
          sizes: 'any',
          type: 'image/svg+xml',
          content: mark('#7a1f2b', '#fff'),
        },
      ],
    },
  })
  await pages.ready()
  return pages
}
