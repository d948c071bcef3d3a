import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'

/** What the database's files, the standard streams, Node.js itself and the pages of the reference need, and room to spare. */
const reserved = 64

/**
 * How many connections may be open, so that there is always a file to be had for what else needs one; `null` where the
 * system does not tell how many it allows. `others` are connections of our own, to a database.
 */
export function mostConnections(others: number, filesAllowed = openFilesAllowed()): number | null {
  // Where hardly any are allowed, some of them are still for readers.
  return filesAllowed === null
    ? null
    : Math.max(filesAllowed - reserved - others, Math.ceil(filesAllowed / 4))
}

/** RLIMIT_NOFILE, which Node.js has raised at its start as far as it may. */
function openFilesAllowed(): number | null {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return limit === undefined ? null : Number(limit)
    /* c8 ignore next 3: on other systems than Linux. */
  } catch {
    return null
  }
}

/**
 * Counts the connections of all servers that it is called with, and closes each that is one too many as soon as it is
 * there: taking none would leave it waiting, and what waits cannot be told from a service that is down.
 */
export function boundConnections(
  most: number | null,
  log: () => Pick<FastifyBaseLogger, 'warn' | 'info'>,
): (server: Server) => void {
  let open = 0
  let isFull = false
  return (server) => {
    server.on('connection', (socket) => {
      if (most !== null && open >= most) {
        socket.destroy()
        if (!isFull) log().warn({ connections: most }, 'as many connections are open as there are files for')
        isFull = true
        return
      }
      open += 1
      socket.once('close', () => {
        open -= 1
        // Not with the first that ends: it would be told with each that comes and goes.
        if (!isFull || open > (most ?? 0) * 0.9) return
        isFull = false
        log().info('there are files for more connections again')
      })
    })
  }
}
