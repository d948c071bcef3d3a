import type { TestApp } from '../support/app.ts'
import type { World } from './calls.ts'

export type LivingWorld = World & {
  /** Takes in what an answer tells of comments: new ones, and where they stand now. */
  learn: (answer: unknown, articleId: string | null) => void
  /** Authorization headers that are well-formed and wrong for most calls. */
  credentials: readonly string[]
}

type KnownComment = { id: string; articleId: string; receipt: string; status: string }

/** As many as are chosen from: the newest. */
const choice = 200

/** Articles with comments in every state, their receipts, and a token of each scope. */
export async function populate({ submit, publish, call, token }: TestApp): Promise<LivingWorld> {
  const tokens = {
    submit: await token('submit'),
    moderate: await token('moderate'),
    admin: await token('admin'),
  }
  const comments: KnownComment[] = []
  const learn: LivingWorld['learn'] = (answer, articleId) => {
    if (typeof answer !== 'object' || answer === null) return
    const { id, status, receipt } = answer as Partial<KnownComment>
    const known = comments.find((comment) => comment.id === id)
    if (known !== undefined && status !== undefined) known.status = status
    if (known === undefined && id !== undefined && receipt !== undefined && articleId !== null) {
      comments.push({ id, articleId, receipt, status: 'pending' })
      comments.splice(0, comments.length - choice)
    }
    for (const part of Object.values(answer)) learn(part, null)
  }

  for (let count = 0; count < 60; count++) {
    const articleId = `https://example.org/${count % 7}/é`
    const acknowledgement = await (count % 3 === 0 ? submit : publish)(articleId)
    learn(acknowledgement, articleId)
    const verdict = count % 5 === 0 ? 'reject' : 'approve'
    const url = `/v1/moderation/comments/${acknowledgement.id}/${verdict}`
    if (count % 3 > 0) learn((await call({ method: 'POST', url, headers: tokens.moderate })).json(), null)
  }

  /** Approved ones more often than not: only they take replies. Withdrawn ones are the end of every road. */
  const at = (index: number): KnownComment => {
    const wanted = { 3: 'pending', 5: 'rejected', 7: 'withdrawn', 9: 'pending' }[index % 10] ?? 'approved'
    const fitting = comments.filter(({ status }) => status === wanted)
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
      if (scope === 'submit' || scope === 'moderate' || scope === 'admin') return tokens[scope].authorization
      throw new Error(`There is no token of scope ${scope}`)
    },
    learn,
    credentials: [
      ...Object.values(tokens).map(({ authorization }) => authorization),
      `Bearer ${at(0).receipt}`,
    ],
  }
}
