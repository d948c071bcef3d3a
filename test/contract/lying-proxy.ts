import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export type ProxiedAnswer = { status: number; headers: Record<string, string>; body: string }

/** Stands between the contract and a service, and changes the answers that `lie` has something to say about. */
export async function startLyingProxy(
  t: Test,
  origin: string,
  lie: (request: IncomingMessage, answer: ProxiedAnswer) => ProxiedAnswer | undefined,
): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming
    const forwarded = request(`${origin}${url}`, { method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const given = response.headers as Record<string, string>
        const { 'content-length': _length, 'transfer-encoding': _encoding, ...kept } = given
        const answer = {
          status: response.statusCode ?? 0,
          headers: kept,
          body: Buffer.concat(chunks).toString(),
        }
        const told = lie(incoming, answer) ?? answer
        outgoing.writeHead(told.status, told.headers).end(told.body)
      })
    })
    incoming.pipe(forwarded)
  })
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
