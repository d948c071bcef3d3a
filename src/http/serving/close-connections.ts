import { Server } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

/**
 * Lets a closing server end. Node closes the connections that are idle when closing begins, and with them the requests
 * that have just arrived on one: of a proxy's, some with each stop. So it only takes no new connections at first, each
 * answer from then on says that it is the last (RFC 9112, section 9.6), and what is idle is closed a moment later. The
 * timer is for the pages of the reference, whose answers are not made here.
 */
export function closeConnections(app: FastifyInstance, isClosing: () => boolean): void {
  let timer: NodeJS.Timeout | undefined
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing()) reply.header('connection', 'close')
    done(null, payload)
  })
  app.addHook('preClose', async () => {
    await lastRequests(app.server)
    timer = setInterval(() => app.server.closeIdleConnections(), 500)
  })
  app.addHook('onClose', async () => clearInterval(timer))
}

/** A connection that is in use by a proxy has its next request within this time. */
const lastRequestsMs = 500

async function lastRequests(server: Server): Promise<void> {
  const ended = new AbortController()
  // Not the HTTP server's own, which closes idle connections first.
  Server.prototype.close.call(server, () => ended.abort())
  await setTimeout(lastRequestsMs, null, { signal: ended.signal }).catch(() => {})
}
