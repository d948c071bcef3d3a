import type { FastifyInstance } from 'fastify'
import { h } from '../../../page/tree.ts'
import { contentTag, noneMatch } from '../../entity-tag.ts'
import type { Limits } from '../../limits/limits.ts'
import { pageHeaders } from '../../page-headers.ts'
import { countRead } from '../../serving/count-read.ts'
import { answerOptions, type KnownPath } from '../../serving/unknown.ts'
import { documentText } from './document.ts'

export const frontPaths: readonly KnownPath[] = [{ path: '/', method: 'GET' }]

/**
 * What whoever looks at the service itself finds: what it is, and where the rest is. In English, for those who set it up;
 * readers come to articles.
 */
export function serveFrontPage(app: FastifyInstance, limits: Limits, has: { desk: boolean }): void {
  let made: { text: string; etag: string } | undefined
  app.route({
    method: 'GET',
    url: '/',
    config: { access: 'public', operationId: 'frontPage' },
    onRequest: countRead(limits),
    handler: async (request, reply) => {
      made ??= makeFrontPage(has)
      const { text, etag } = made
      reply.headers({
        ...pageHeaders,
        'x-robots-tag': 'noindex',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'public, max-age=300',
        etag,
      })
      if (noneMatch(request.headers['if-none-match'], etag))
        return reply.code(304).removeHeader('content-type').send()
      return reply.send(text)
    },
  })
  answerOptions(app, frontPaths)
}

function makeFrontPage(has: { desk: boolean }): { text: string; etag: string } {
  const link = (href: string, text: string, more: string) =>
    h('li', {}, h('a', { href: `./${href}` }, text), ` ${more}`)
  const text = documentText(
    { language: 'en', title: 'Imprimatur', base: '.' },
    h('h1', {}, 'Imprimatur'),
    h(
      'p',
      {},
      "This service holds readers' comments until a moderator says yes. Sites show what was approved on the pages of their articles.",
    ),
    h(
      'ul',
      {},
      has.desk && link('desk', "The moderators' desk", 'for who decides, with a token'),
      link('docs/', 'The API', 'to read and to try'),
      link('openapi.json', 'Its OpenAPI document', 'for other tools'),
      link('v1/comments.atom', 'The latest comments', 'of all articles, as an Atom feed'),
      link('thread/hello', 'A thread as a page', 'of the article “hello”, to which the first steps write'),
    ),
  )
  return { text, etag: contentTag(text) }
}
