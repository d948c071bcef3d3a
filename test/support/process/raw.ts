import { connect } from 'node:net'
import type { FastifyInstance } from 'fastify'

export type RawAnswer = { statusCode: number; headers: Record<string, string>; body: string }

/** Starts listening on a free port of the loopback interface and gives the port. */
export async function listen(app: FastifyInstance): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('it does not listen on a port')
  return address.port
}

/** Sends these bytes as they are and gives everything that comes back until the server ends the connection. */
export async function sendRaw(port: number, bytes: string | Buffer, { end = false } = {}): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const closed = new Promise<void>((resolve, reject) => {
    socket.on('end', resolve)
    socket.on('error', reject)
  })
  socket.write(bytes)
  if (end) socket.end()
  await closed
  socket.destroy()
  return Buffer.concat(chunks).toString('utf8')
}

/** The one answer that these bytes get. */
export async function answerTo(
  port: number,
  bytes: string | Buffer,
  options: { end?: boolean } = {},
): Promise<RawAnswer> {
  const text = await sendRaw(port, bytes, options)
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [statusLine = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  )
  return { statusCode: Number(statusLine.split(' ')[1]), headers, body: rest.join('\r\n\r\n') }
}
