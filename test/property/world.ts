import { commentStatuses } from '../../src/domain/comments/comment.ts'
import type { TestApp } from '../support/app.ts'
import type { Draft, Operation, World } from './calls.ts'
import type { WireAnswer } from './wire.ts'

export type LivingWorld = World & {
  /** Takes in what an answer tells of comments: new ones, and where they stand now. */
  learn: (answer: unknown, articleId: string | null) => void
  /** `Authorization` for the author of a comment that was learned of. */
  author: (id: string) => string
  /** Makes comments of the states that have become rare, and forgets the oldest of those that there are many of. */
  keepUp: () => Promise<void>
  /** Authorization headers that are well-formed and wrong for most calls. */
  credentials: readonly string[]
}

type KnownComment = { id: string; articleId: string; receipt: string; status: string }

/** In each state, so that the calls have something to be about however long they go on. */
const fewest = 10
const most = 50

/** Articles with comments in every state, their receipts, and a token of each scope. */
export async function populate({ submit, publish, call, token }: TestApp): Promise<LivingWorld> {
  const tokens = {
    submit: await token('submit'),
    moderate: await token('moderate'),
    colleague: await token('moderate'),
    admin: await token('admin'),
  }
  const comments: KnownComment[] = []
  const inState = (status: string) => comments.filter((comment) => comment.status === status)
  const learn: LivingWorld['learn'] = (answer, articleId) => {
    if (typeof answer !== 'object' || answer === null) return
    const { id, status, receipt } = answer as Partial<KnownComment>
    const known = comments.find((comment) => comment.id === id)
    if (known !== undefined && status !== undefined) known.status = status
    if (known === undefined && id !== undefined && receipt !== undefined && articleId !== null) {
      comments.push({ id, articleId, receipt, status: 'pending' })
    }
    for (const part of Object.values(answer)) learn(part, null)
  }

  let made = 0
  const make = async (status: 'pending' | 'approved' | 'rejected') => {
    made += 1
    const articleId = `https://example.org/${made % 7}/é`
    const acknowledgement = await (status === 'approved' ? publish : submit)(articleId)
    learn({ ...acknowledgement, status }, articleId)
    const url = `/v1/moderation/comments/${acknowledgement.id}`
    if (status === 'rejected') await call({ method: 'POST', url: `${url}/reject`, headers: tokens.moderate })
    learn((await call({ url, headers: tokens.moderate })).json(), null)
  }
  const keepUp = async () => {
    for (const status of ['pending', 'approved', 'rejected'] as const) {
      while (inState(status).length < fewest) await make(status)
    }
    for (const status of commentStatuses) {
      for (const { id } of inState(status).slice(0, -most)) {
        comments.splice(
          comments.findIndex((comment) => comment.id === id),
          1,
        )
      }
    }
  }
  await keepUp()

  /** Approved ones more often than not: only they take replies. Withdrawn ones are the end of every road. */
  const at = (index: number): KnownComment => {
    const wanted = { 3: 'pending', 5: 'rejected', 7: 'withdrawn', 9: 'pending' }[index % 10] ?? 'approved'
    const fitting = inState(wanted)
    const among = fitting.length === 0 ? comments : fitting
    const comment = among[index % among.length]
    if (comment === undefined) throw new Error('There is no comment')
    return comment
  }
  return {
    value(name, index) {
      const { id, articleId } = at(index)
      switch (name) {
        case 'articleId':
        case 'to':
          return articleId
        case 'commentId':
        case 'parentId':
        case 'cursor':
          return id
        case 'if-match':
          return ['"1"', '"1", "2", "3"', '*'][index % 3] ?? '*'
      }
    },
    authorization(requirement, index) {
      if ('receipt' in requirement) return `Bearer ${at(index).receipt}`
      const [scope] = requirement['token'] ?? []
      if (scope === undefined) return null
      // Two of them, so that one has what the other may not touch.
      if (scope === 'moderate') return tokens[index % 4 === 3 ? 'colleague' : scope].authorization
      if (scope === 'submit' || scope === 'admin') return tokens[scope].authorization
      throw new Error(`There is no token of scope ${scope}`)
    },
    learn,
    author: (id) => `Bearer ${comments.find((comment) => comment.id === id)?.receipt ?? ''}`,
    keepUp,
    credentials: [
      ...Object.values(tokens).map(({ authorization }) => authorization),
      `Bearer ${at(0).receipt}`,
    ],
  }
}

/** What an answer tells of comments, later calls can be about. */
export function learnFrom(
  { statusCode, headers, body }: WireAnswer,
  { segments }: Draft,
  { path }: Pick<Operation, 'path'>,
  world: LivingWorld,
): void {
  if (statusCode >= 300 || !body.includes('"status"')) return
  if (!String(headers['content-type']).startsWith('application/json')) return
  const articleId = segments[path.slice(1).split('/').indexOf('{articleId}')]
  world.learn(JSON.parse(body), articleId === undefined ? null : decodeURIComponent(articleId))
}
