import type { PublicComment } from '../../src/http/routes/comments/answers.ts'

/** One page of an article's list. */
export type List = {
  articleId: string
  closed: boolean
  total: number
  comments: PublicComment[]
  nextCursor: string | null
}

export type Problem = { type: string; errors?: { pointer: string; code: string }[] }

/** What the service said no to; without a problem it said nothing at all. */
export class Refused extends Error {
  readonly problem: Problem | null

  constructor(problem: Problem | null) {
    super(problem?.type)
    this.problem = problem
  }
}

/** The code that ends a problem's type. */
export function codeOf(problem: Problem | null): string {
  return problem?.type.split(':').at(-1) ?? ''
}

export async function call<T>(url: string, init: RequestInit = {}): Promise<T> {
  let response: Response
  try {
    response = await fetch(url, {
      ...init,
      credentials: 'omit',
      // A browser would show again what was rejected meanwhile, for as long as a CDN may (RFC 5861).
      cache: 'no-cache',
    })
  } catch {
    throw new Refused(null)
  }
  const body: unknown = await response.json().catch(() => null)
  if (response.ok && body !== null) return body as T
  throw new Refused(isProblem(body) ? body : null)
}

function isProblem(body: unknown): body is Problem {
  return typeof (body as Problem | null)?.type === 'string'
}
