import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** Stands between a service and its PostgreSQL, and passes on all that it is given, until it is told otherwise. */
export type PostgresProxy = {
  /** The same database, through the proxy. */
  through: (url: string) => string
  /**
   * The next message to the server that has this text in it is the last of its connection: it arrives and its answer does
   * not, or it does not arrive itself. Resolves when the connection is cut.
   */
  cut: (text: string, what: 'answer' | 'question') => Promise<void>
  /** Passes nothing on, and closes nothing, until it is told to speak again. */
  silence: (on: boolean) => void
  /** Passes nothing on for the connections that there are, without a word, as a firewall does that was restarted. */
  forget: () => void
  /** How many sockets are open, on both sides. */
  connections: () => number
}

/** What PostgreSQL ends each answer with, outside of a transaction. */
const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])

export async function startProxy(t: Test, port: number): Promise<PostgresProxy> {
  const sockets = new Set<Socket>()
  let silent = false
  let cut: { text: string; what: 'answer' | 'question'; done: () => void } | undefined

  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    let lastAnswer: (() => void) | undefined
    const end = () => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.setNoDelay()
      if (silent) socket.pause()
      socket.on('error', end)
      socket.on('close', () => {
        sockets.delete(socket)
        end()
      })
    }
    client.on('data', (message) => {
      if (cut?.what === 'question' && message.includes(cut.text)) {
        end()
        cut.done()
        cut = undefined
        return
      }
      if (cut !== undefined && message.includes(cut.text)) {
        lastAnswer = cut.done
        cut = undefined
      }
      server.write(message)
    })
    server.on('data', (message) => {
      if (lastAnswer === undefined) client.write(message)
      // A socket without an encoding gives bytes.
      else if ((message as Buffer).subarray(-readyForQuery.length).equals(readyForQuery)) {
        end()
        lastAnswer()
      }
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => {
    proxy.close()
    for (const socket of sockets) socket.destroy()
  })

  return {
    through(url) {
      const changed = new URL(url)
      changed.port = String((proxy.address() as AddressInfo).port)
      return changed.href
    },
    cut(text, what) {
      const { promise, resolve } = Promise.withResolvers<void>()
      cut = { text, what, done: resolve }
      return promise
    },
    silence(on) {
      silent = on
      for (const socket of sockets) on ? socket.pause() : socket.resume()
    },
    connections: () => sockets.size,
    forget() {
      for (const socket of sockets) socket.pause()
    },
  }
}
