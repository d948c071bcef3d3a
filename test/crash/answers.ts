import type { Test } from 'tap'
import { equalProblem } from '../support/routes.ts'
import type { Answer } from './client.ts'

/** Asserts that this was refused for now, and that the answer says when to try again. */
export function refusedWith(t: Test, answer: Answer | null, code: string): void {
  equalProblem(t, answer ?? { statusCode: 0, headers: {}, body: '{}' }, 503, code)
  t.match(answer?.headers['retry-after'], /^[1-9]\d*$/)
}

/** The acknowledgement of a submission. */
export function accepted(answer: Answer | null): { id: string; receipt: string } {
  if (answer?.statusCode !== 202) throw new Error(answer?.body)
  return JSON.parse(answer.body)
}
