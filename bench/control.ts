/*
 * The control: a bare node:http server that sends the same bytes and headers as the service for whatever is asked, and
 * 304 where If-None-Match is sent. Its answer comes on standard input as JSON; it prints its port.
 */
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

export type ControlAnswer = { headers: Record<string, string>; body: string }

if (process.argv[1]?.endsWith('control.ts')) {
  const answer = JSON.parse(await text(process.stdin)) as ControlAnswer
  const body = Buffer.from(answer.body)
  const headers = [...Object.entries(answer.headers).flat(), 'content-length', String(body.length)]
  const headersOf304 = Object.entries(answer.headers)
    .filter(([name]) => name !== 'content-type')
    .flat()
  const server = createServer((request, response) => {
    if (request.headers['if-none-match'] === undefined) response.writeHead(200, headers).end(body)
    else response.writeHead(304, headersOf304).end()
  })
  server.keepAliveTimeout = 72_000
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`)
  })
}
