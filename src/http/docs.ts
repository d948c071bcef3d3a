import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

/** The document as a page at /docs, all of it served from the package: a reader's network may have no way out. */
export async function registerDocs(app: FastifyInstance, openapi: () => string): Promise<void> {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, access: 'public', operationId: 'docs' }
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
  })
  await app.register(swagger, { mode: 'static', specification: { document: JSON.parse(openapi()) } })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { url: '/openapi.json', deepLinking: true, docExpansion: 'list', validatorUrl: null },
    theme: { title: 'Imprimatur: the API' },
  })
}
