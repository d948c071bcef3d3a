import type { PublicComment } from '../../src/http/routes/comments/answers.ts'
import type { FormField } from '../../src/page/form.ts'
import { fieldAt, fieldFault, refusalText } from '../../src/page/form-faults.ts'
import { faultWords, type PageWords, type Words } from '../../src/words/en.ts'
import { call, codeOf, type Problem, Refused } from './api.ts'

export type Submission = {
  author: { name: string; email: string }
  body: string
  parentId: PublicComment['parentId']
  form: { trap: string; shownForMs: number }
}

export type Acknowledgement = { id: string; message: string; receipt: string }

/** Why a comment was not taken, in words, and what of the page is otherwise than it was shown. */
export type NotTaken = {
  problem: Problem | null
  errors: Partial<Record<FormField, string>>
  fault: string
  isClosed: boolean
  isParentGone: boolean
}

/** Of what was tried to be sent, by its content: the same again goes under the same key, and is taken once. */
const attempts = new Map<string, string>()

/** Sends a comment. The file is loaded when somebody begins to write: most who read do not. */
export async function send(
  url: string,
  submission: Submission,
  pageWords: PageWords & Partial<Words>,
  locale: string,
): Promise<Acknowledgement | NotTaken> {
  const { form: _, ...written } = submission
  const content = JSON.stringify([url, written])
  const key = attempts.get(content) ?? newKey()
  attempts.set(content, key)
  try {
    const taken = await call<Acknowledgement>(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': key,
        'accept-language': locale,
      },
      body: JSON.stringify(submission),
    })
    attempts.delete(content)
    return taken
  } catch (error) {
    return notTaken(error instanceof Refused ? error.problem : null, { ...faultWords, ...pageWords }, locale)
  }
}

function notTaken(
  problem: Problem | null,
  words: PageWords & typeof faultWords & Partial<Words>,
  locale: string,
): NotTaken {
  const errors: NotTaken['errors'] = {}
  for (const { pointer, code } of problem?.errors ?? []) {
    const field = fieldAt(pointer)
    if (field !== null) errors[field] ??= fieldFault(field, code, words, locale)
  }
  const code = codeOf(problem)
  return {
    problem,
    errors,
    fault: refusalText(code, words),
    isClosed: code === 'article-closed',
    isParentGone: code === 'parent-not-available',
  }
}

/** A random key also where the page came without TLS, and `crypto.randomUUID` is not to be had. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}
