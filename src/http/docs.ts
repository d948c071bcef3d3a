import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import type { Limits } from './limits.ts'
import { sendProblem } from './send.ts'
import { answerOtherMethods } from './unknown.ts'

/** The document as a page at /docs, all of it served from the package: a reader's network may have no way out. */
export async function registerDocs(
  app: FastifyInstance,
  limits: Limits,
  openapi: () => string,
): Promise<void> {
  const paths = new Set<string>()
  app.addHook('onRoute', (route) => {
    paths.add(route.path)
    route.config = { ...route.config, access: 'public', operationId: 'docs' }
  })
  app.addHook('onRequest', async (request, reply) => {
    const verdict = await limits.count(['reads'], request, request.ip)
    reply.headers(verdict.headers)
    return verdict.problem === null ? undefined : sendProblem(request, reply, verdict.problem)
  })
  await app.register(helmet, {
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
  await app.register(swagger, { mode: 'static', specification: { document: JSON.parse(openapi()) } })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { url: '/openapi.json', deepLinking: true, docExpansion: 'list', validatorUrl: null },
    theme: { title: 'Imprimatur: the API' },
  })
  answerOtherMethods(
    app,
    [...paths].map((path) => ({ path, method: 'GET' })),
  )
}
