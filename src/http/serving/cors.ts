import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../../config.ts'

/** Lets pages of the configured origins call the routes of this scope. Credentials are bearer tokens, never cookies. */
export async function registerCors(app: FastifyInstance, origins: Config['corsOrigins']): Promise<void> {
  if (origins.length === 0) return
  // The plugin takes OPTIONS of every path there could be. Those of ours have a route of their own.
  app.addHook('onRequest', async (request, reply) =>
    request.routeOptions.url === '*' ? reply.callNotFound() : undefined,
  )
  await app.register(cors, {
    origin: origins === '*' ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-None-Match'],
    exposedHeaders: [
      'Content-Language',
      'ETag',
      'Idempotency-Replayed',
      'Link',
      'Location',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
    ],
    maxAge: 86_400,
    strictPreflight: false,
    // To answerOptions, which adds `Allow`.
    preflightContinue: true,
  })
}
