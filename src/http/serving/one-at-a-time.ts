import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export type Listener = (request: IncomingMessage, response: ServerResponse) => void

export type Turns = {
  /** Waits, where the answer before it on the same connection has not gone out yet. */
  take: Listener
  /** Calls back once every request that came whole on the connection is answered. */
  whenAnswered: (socket: Socket, then: () => void) => void
}

/** What 64 KiB hold of requests as clients write them: Node reads no more at once. */
const mostWaiting = 1_000

/**
 * Answers the requests of a connection one after the other, the next once the one before has left the process. Who sends
 * many and reads nothing then has one answer waiting, and not all of them. Nothing more is read from a connection while
 * requests of it wait.
 */
export function oneAtATime(listener: Listener): Turns {
  const latest = new WeakMap<Socket, { request: IncomingMessage; response: ServerResponse }>()
  const waiting = new WeakMap<Socket, (() => void)[]>()

  function next(socket: Socket): void {
    const line = waiting.get(socket)
    if (line === undefined) return
    const turn = socket.destroyed ? undefined : line.shift()
    if (turn === undefined || line.length === 0) waiting.delete(socket)
    turn?.()
    if (!waiting.has(socket)) socket.resume()
  }

  return {
    take(request, response) {
      const { socket } = request
      const known = latest.get(socket)
      const before = known?.response
      // One for each connection, and not for each request: a list in memory takes no longer than this.
      if (known === undefined) latest.set(socket, { request, response })
      else {
        known.request = request
        known.response = response
      }
      // Node gives a response its socket when its turn has come.
      if (before === undefined || response.socket !== null) {
        listener(request, response)
        return
      }
      const line = waiting.get(socket) ?? []
      if (line.length >= mostWaiting) {
        waiting.delete(socket)
        socket.destroy()
        return
      }
      line.push(() => listener(request, response))
      waiting.set(socket, line)
      before.once('close', () => next(socket))
      socket.pause()
    },
    whenAnswered(socket, then) {
      const { request, response } = latest.get(socket) ?? {}
      if (request?.complete !== true || response === undefined || response.writableFinished) then()
      else response.once('close', then)
    },
  }
}

/**
 * A connection on which nothing moves for so long is closed, whatever it was about; for twice as long where it has just
 * moved. It is longer than any answer takes to be made; one that is idle between two requests has a time of its own.
 */
const stalledMs = 30_000

/**
 * Node's own `server.setTimeout` would set a timer anew with each request. So whatever has no time limit when this comes
 * round is given one: a request takes less than the time between two rounds, and with its answer Node sets that of an idle
 * connection.
 */
export function closeStalled(server: Server, afterMs = stalledMs): void {
  const open = new Set<Socket>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  server.once('listening', () => {
    const rounds = setInterval(() => {
      for (const socket of open) if (!socket.timeout) socket.setTimeout(afterMs)
    }, afterMs / 10)
    rounds.unref()
    server.once('close', () => clearInterval(rounds))
  })
}
