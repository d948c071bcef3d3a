import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'

export type WireRequest = {
  method: string
  url: string
  headers: Readonly<Record<string, string>>
  payload: Buffer | null
}

export type WireAnswer = {
  statusCode: number
  headers: IncomingHttpHeaders | LightMyRequestResponse['headers']
  body: string
}

export async function byInject(
  app: FastifyInstance,
  { method, payload, ...rest }: WireRequest,
): Promise<WireAnswer> {
  // Fastify's type knows only the methods of its own; what others are answered is tested here.
  return app.inject({ ...rest, method: method as 'GET', ...(payload !== null && { payload }) })
}

/**
 * Node reads no more of a request's head, and the service none of its body: it answers and closes, and the answer may be
 * lost to who is still sending. test/http/bad-requests.test.ts sends such requests, one for each connection.
 */
const mostBytes = 60_000

export function fitsOnSocket({ url, headers, payload }: WireRequest): boolean {
  const head = Object.entries(headers).reduce((sum, pair) => sum + pair.join().length + 3, url.length)
  return head < mostBytes && (payload?.length ?? 0) < mostBytes
}

/** What sends requests to a port, one connection for as many as the service lets it carry. */
export function socketClient(t: Test, port: number): (request: WireRequest) => Promise<WireAnswer> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  return ({ method, url, headers, payload }) =>
    new Promise((resolve, reject) => {
      // Another length than the body's would be a call that never arrives, or two of them.
      const { 'content-length': _wrong, ...others } = headers
      const length = payload === null ? {} : { 'content-length': String(payload.length) }
      httpRequest(
        { host: '127.0.0.1', port, agent, method, path: url, headers: { ...others, ...length } },
        (response) => {
          const chunks: Buffer[] = []
          response
            .on('data', (chunk: Buffer) => chunks.push(chunk))
            .on('error', reject)
            .on('end', () => {
              const { statusCode = 0, headers } = response
              resolve({ statusCode, headers, body: Buffer.concat(chunks).toString() })
            })
        },
      )
        .on('error', reject)
        .end(payload ?? undefined)
    })
}
