import { v7 as uuidv7 } from 'uuid'
import type { Comment } from '../src/domain/comments/comment.ts'
import { moderatorToken, type Server } from './processes.ts'
import { articleName } from './seed.ts'

export function list(articleId: string): string {
  return `/v1/articles/${articleId}/comments`
}

export function at({ port }: Server, path: string): string {
  return `http://127.0.0.1:${port}${path}`
}

export function get(path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: bench\r\n${headers}\r\n`
}

export function submission(articleId: string): string {
  const { author, body } = someComment()
  const json = JSON.stringify({ author, body })
  return `POST ${list(articleId)} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`
}

/** Articles far apart in the table, so that no page of it stays at hand. */
export function coldRequests(articles: number): string[] {
  return Array.from({ length: Math.min(5_000, articles) }, (_, index) =>
    get(list(articleName((index * 7_919) % articles))),
  )
}

/** Of the first 64 approved comments, each of another article, a rejection and an approval in turn. */
export async function decisionRequests(service: Server): Promise<string[]> {
  const headers = `Authorization: Bearer ${moderatorToken}\r\n`
  const page = await fetch(at(service, '/v1/moderation/comments?status=approved&limit=100'), {
    headers: { authorization: `Bearer ${moderatorToken}` },
  })
  const { comments } = (await page.json()) as { comments: { id: string }[] }
  return comments
    .slice(0, 64)
    .flatMap(({ id }) =>
      ['reject', 'approve'].map(
        (verdict) =>
          `POST /v1/moderation/comments/${id}/${verdict} HTTP/1.1\r\nHost: bench\r\n${headers}\r\n`,
      ),
    )
}

export function claim(method: 'POST' | 'DELETE', body: object | null): string {
  return moderating(method, '/v1/moderation/claims', body)
}

/** Of the first hundred approved comments, a rejection and an approval of all in turn. */
export async function bulkRequests(service: Server): Promise<string[]> {
  const page = await fetch(at(service, '/v1/moderation/comments?status=approved&limit=100'), {
    headers: { authorization: `Bearer ${moderatorToken}` },
  })
  const { comments } = (await page.json()) as { comments: { id: string }[] }
  return ['reject', 'approve'].map((verdict) =>
    moderating('POST', '/v1/moderation/decisions', {
      decisions: comments.map(({ id }) => ({ commentId: id, verdict })),
    }),
  )
}

function moderating(method: string, path: string, body: object | null): string {
  const json = body === null ? '' : JSON.stringify(body)
  const about =
    body === null ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(json)}\r\n`
  return `${method} ${path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${moderatorToken}\r\n${about}\r\n${json}`
}

export function someComment(): Comment {
  return {
    id: uuidv7(),
    articleId: 'article-1',
    parentId: null,
    status: 'pending',
    version: 1,
    author: { name: 'Reader', email: 'reader@example.org' },
    body: 'A comment of ordinary length, with an accent (é), "quotes" and a second sentence to fill the line.',
    submittedAtMs: Date.now(),
    publishedAtMs: null,
    decidedAtMs: null,
    receiptHash: 'x'.repeat(43),
  }
}
