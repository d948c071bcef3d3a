import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'

const folder = new URL('site/', import.meta.url)

/** Where the pages say that the comments are. */
const serviceInPages = 'http://127.0.0.1:3000'

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/**
 * All that a site has to allow, and nothing else: docs/embedding.md says what for. It has no script of its own, so the
 * service's are the only ones.
 */
export function contentPolicy(service: string): string {
  return [
    "default-src 'none'",
    `script-src ${service}`,
    `style-src 'self' ${service}`,
    `connect-src ${service}`,
    "img-src 'self'",
    `form-action ${service}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

export type Site = {
  origin: string
  /** From now on, with comments from there. */
  showCommentsOf: (service: string) => void
  close: () => Promise<void>
}

/** The newspaper's pages: `/` and `/ARTICLE`, as any server of files has them. */
export async function serveSite(port: number): Promise<Site> {
  const files = new Map<string, Buffer>()
  for (const name of await readdir(folder)) files.set(`/${name}`, await readFile(new URL(name, folder)))
  let service = serviceInPages
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const name = path === '/' ? '/index.html' : extname(path) === '' ? `${path}.html` : path
    const file = files.get(name)
    if (file === undefined) return response.writeHead(404).end('Cette page n’existe pas.')
    const isPage = extname(name) === '.html'
    response.writeHead(200, {
      'content-type': mediaTypes[extname(name)],
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'strict-origin-when-cross-origin',
      ...(isPage && { 'content-security-policy': contentPolicy(service) }),
    })
    return response.end(isPage ? file.toString().replaceAll(serviceInPages, service) : file)
  })
  return {
    origin: await listen(server, port),
    showCommentsOf(origin) {
      service = origin
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
