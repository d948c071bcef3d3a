import type { Socket } from 'node:net'
import fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import type { Config } from './config.ts'
import { bodyLimitBytes, headerReadBytes } from './http/faults.ts'
import { longestPathPart } from './http/fields.ts'
import { createLimits, limitMaxima } from './http/limits/limits.ts'
import { trustedProxies } from './http/limits/trusted-proxies.ts'
import { createMetrics } from './http/metrics.ts'
import type { RouteDeps } from './http/route.ts'
import { deskPaths, serveDesk } from './http/routes/desk/serve-desk.ts'
import { probeRoutes, routes, workRoutes } from './http/routes/index.ts'
import { docsPaths, registerDocs } from './http/routes/machine/docs.ts'
import { openapiDocument } from './http/routes/machine/openapi.ts'
import { markupTag } from './http/routes/page/embed-files.ts'
import { frontPaths, serveFrontPage } from './http/routes/page/front-page.ts'
import { embedPaths, serveEmbed } from './http/routes/page/serve-embed.ts'
import { addBodyParser } from './http/serving/body-parser.ts'
import { boundConnections, mostConnections } from './http/serving/bound-connections.ts'
import { boundHeaders } from './http/serving/bound-headers.ts'
import { closeConnections } from './http/serving/close-connections.ts'
import { answerPages, type CorsHeaders, corsHeaders } from './http/serving/cors.ts'
import { handleClientError, handleError } from './http/serving/error-handler.ts'
import type { GuardDeps } from './http/serving/guard.ts'
import { createServer } from './http/serving/node-http.ts'
import { closeStalled, type Listener, oneAtATime } from './http/serving/one-at-a-time.ts'
import { createReadCache } from './http/serving/read-cache.ts'
import { registerRoute } from './http/serving/register-route.ts'
import { requestIds } from './http/serving/request-id.ts'
import { requireAccess } from './http/serving/require-access.ts'
import { requireHost } from './http/serving/require-host.ts'
import { createShedder } from './http/serving/shed-load.ts'
import { answerOptions, answerUnknown } from './http/serving/unknown.ts'
import { jobs } from './jobs/index.ts'
import { createJobs, type JobRunner } from './jobs/run-jobs.ts'
import { loggerOptions } from './log.ts'
import type { Store } from './store/store.ts'
import { wordsWith } from './words/words.ts'

export type AppOptions = {
  config: Config
  store: Store
  clock?: () => number
  /** Time that only ever goes on, for what lasts; `clock` may be set. */
  elapsedMs?: () => number
  newId?: () => string
  /** What has to be done between listening and serving: requests wait for it, and fail where it does. */
  opening?: Promise<unknown>
  /** Where log lines go; standard output unless a test says otherwise. */
  logStream?: { write: (line: string) => void }
}

/** The service without a socket: what `listen` or `inject` is called on. Closing it closes the store. */
export async function buildApp({
  config,
  store,
  clock = Date.now,
  elapsedMs = () => performance.now(),
  newId = uuidv7,
  opening,
  logStream,
}: AppOptions): Promise<FastifyInstance> {
  let jobRunner: JobRunner | null = null
  const metrics = createMetrics(
    {
      queue: () => store.queue(),
      databaseBytes: () => store.sizeBytes(),
      jobAges: async () => (await jobRunner?.ages()) ?? new Map(),
    },
    clock,
  )
  const cache = createReadCache(store, metrics, config, clock)
  let closing = false
  const isClosing = () => closing
  const pages = corsHeaders(config.corsOrigins)
  const most = mostConnections(config.database.dialect === 'postgres' ? config.databasePoolSize + 1 : 0)
  const bound = boundConnections(most, () => app.log)
  const server = (handler: Listener) => {
    const { take, whenAnswered } = oneAtATime((request, response) => {
      // The hot path stands apart: a list that is in memory needs no hook, no limit and no route of Fastify's.
      if (isClosing() || !cache.answer(request, response)) handler(request, response)
    })
    const server = createServer(nodeOptions, take)
    // What else a client expects is not ours to know, and need not be refused (RFC 9110, section 10.1.1).
    server.on('checkExpectation', take)
    server.on('clientError', (error, socket) =>
      whenAnswered(socket as Socket, () => handleClientError(error, socket as Socket, pages)),
    )
    closeStalled(server)
    bound(server)
    return server
  }
  const app = fastify({
    ...serverOptions(config, pages),
    serverFactory: server,
    logger: { ...loggerOptions(config.logLevel), ...(logStream !== undefined && { stream: logStream }) },
  })
  if (opening !== undefined) holdUntil(app, opening)
  requireAccess(app)
  // CORS first: a page must be able to read that it is turned away, and for how long.
  answerPages(app, pages)
  requireHost(app)
  boundHeaders(app)
  app.setErrorHandler(handleError)
  addBodyParser(app)

  const limits = await createLimits(app, store, limitMaxima(config), elapsedMs)
  const background = createJobs({ store, clock }, app.log, jobs, newId())
  jobRunner = background
  const words = wordsWith(config.words)
  const deps: RouteDeps = {
    store,
    clock,
    newId,
    maxPending: config.maxPending,
    closeAfterDays: config.closeAfterDays,
    leastFormMs: 1_000 * config.formLeastSeconds,
    articleUrl: config.articleUrl,
    publicUrl: config.publicUrl,
    submissionsInFlight: new Set(),
    metrics,
    queueAlarm: { raised: false },
    defaultLanguage: config.defaultLanguage,
    wordsIn: words,
    ownWords: config.words,
    reasons: config.reasons,
    markupTag: markupTag([config.words, config.publicUrl, config.articleUrl, config.defaultLanguage]),
    cdnFreshSeconds: config.cdnFreshSeconds,
    cdnStaleSeconds: config.cdnStaleSeconds,
    openapi: openapiDocument,
    jobsBehind: background.behind,
  }
  const guardDeps: GuardDeps = { deps, limits, cache, isTrustedProxy: trustedProxies(config.trustProxy) }

  app.addHook('onResponse', (request, reply, done) => {
    const operationId = request.routeOptions.config.operationId ?? 'unknownPath'
    metrics.observe(operationId, reply.statusCode, reply.elapsedTime / 1_000)
    done()
  })
  app.addHook('preClose', async () => {
    closing = true
  })
  closeConnections(app, isClosing)
  // Whoever listens is a service; what is only asked, as in a test, does nothing by itself.
  app.addHook('onListen', (done) => {
    background.start()
    done()
  })
  app.addHook('onClose', async () => {
    await background.stop()
    await store.close()
  })

  for (const route of probeRoutes) registerRoute(app, guardDeps, route)
  answerOptions(app, probeRoutes)
  const shedLoad = createShedder(app, config.maxEventLoopDelayMs)
  await app.register(async (scope) => {
    shedLoad(scope)
    for (const route of workRoutes) registerRoute(scope, guardDeps, route)
    answerOptions(scope, workRoutes)
  })
  await app.register(async (docs) => registerDocs(docs, limits, openapiDocument))
  serveEmbed(app, limits)
  serveFrontPage(app, limits, config)
  if (config.desk) serveDesk(app, limits)
  const known = [...routes, ...docsPaths, ...embedPaths, ...frontPaths]
  answerUnknown(app, limits, config.desk ? [...known, ...deskPaths] : known)
  return app
}

/** Lets requests wait. No list is in memory before the first of them went on, so none goes by this hook. */
function holdUntil(app: FastifyInstance, opening: Promise<unknown>): void {
  let isOpen = false
  opening.then(
    () => {
      isOpen = true
    },
    () => {},
  )
  app.addHook('onRequest', (_request, _reply, done) => {
    if (isOpen) done()
    else opening.then(() => done(), done)
  })
}

/**
 * A whole request must have arrived within half a minute; an idle connection is kept for longer than proxies do.
 * requireHost sees to the Host header.
 */
const nodeOptions = {
  requestTimeout: 30_000,
  headersTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: headerReadBytes,
  keepAliveTimeout: 72_000,
  requireHostHeader: false,
} as const

function serverOptions(config: Config, pages: CorsHeaders): FastifyServerOptions {
  return {
    bodyLimit: bodyLimitBytes,
    genReqId: requestIds(),
    // Not as a list: the library that would read it knows no hop that carries its port.
    trustProxy: config.trustProxy.length > 0 && trustedProxies(config.trustProxy),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    // What is in flight when the process is told to stop is finished, not turned away.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => {
      void handleError(error, request, reply.headers(pages(request.headers.origin)))
    },
    // Ours stands at the server, where it knows what the connection is still owed.
    clientErrorHandler: () => {},
    // No route has a JSON schema: zod validates, JSON.stringify writes. Fastify would load its two compilers all the same,
    // which costs each start 50 ms and 9 MB.
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    routerOptions: {
      maxParamLength: longestPathPart,
      // parseRequest reads it, and for every other route it would be read in vain, before anything is counted.
      querystringParser: () => ({}),
      ignoreTrailingSlash: false,
    },
  }
}

/** Stops the start where a route does come with a JSON schema. */
function noCompiler(): () => never {
  return () => {
    throw new Error('Routes are validated by their zod schemas; there is no compiler for JSON schemas.')
  }
}
