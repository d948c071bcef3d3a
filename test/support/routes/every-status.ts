import type { Test } from 'tap'
import { document, findOperation, type ReceivedAnswer } from '../../../src/contract/document-check.ts'
import { beforeTheStore } from './before-the-store.ts'

const seen = new Map<string, Set<string>>()

/** Remembers which operation gave which status in this process. */
export function noteAnswer(answer: ReceivedAnswer): void {
  const operationId = findOperation(answer)?.operation.operationId
  if (operationId === undefined) return
  seen.set(operationId, (seen.get(operationId) ?? new Set()).add(String(answer.status)))
}

/** Where several test files run in one process: between them. */
export function forgetAnswers(): void {
  seen.clear()
}

/** Answered before it is known which operation is asked for: test/http/bad-requests.test.ts has them of every one. */
export const answeredUnread: readonly string[] = ['408', '431']

/**
 * Fails where the tests of this file, which must stand before it, left out a status that the document says this
 * operation can answer with. test/http/every-status.test.ts sees to it that each operation's file ends in it.
 */
export function everyStatusWasSeen(t: Test, operationId: string): void {
  beforeTheStore(t, `${operationId} was seen to answer with every status that is documented`, async (t) => {
    const operation = Object.values(document.paths)
      .flatMap((item) => Object.values(item))
      .find((one) => one.operationId === operationId)
    const documented = Object.keys(operation?.responses ?? {})
    t.ok(documented.length > 0, 'the document has this operation')
    t.same(
      answeredUnread.filter((status) => !documented.includes(status)),
      [],
    )
    t.same([...(seen.get(operationId) ?? []), ...answeredUnread].sort(), documented.sort())
  })
}
