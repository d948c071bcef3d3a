import type { LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import { fieldErrorCodes } from '../../../src/http/field-errors.ts'
import { problemTable } from '../../../src/http/problems.ts'

/**
 * Asserts that an answer is this problem (RFC 9457), and that it names exactly these errors, each written as
 * `body /author/email: is required`.
 */
export function equalProblem(
  t: Test,
  response: Pick<LightMyRequestResponse, 'statusCode' | 'headers' | 'body'>,
  status: number,
  code: string,
  errors: readonly string[] = [],
): void {
  const problem = JSON.parse(response.body)
  const codes: string[] = (problem.errors ?? []).map((error: { code: string }) => error.code)
  // One assertion, which is made many thousands of times.
  t.strictSame(
    {
      status: response.statusCode,
      type: response.headers['content-type'],
      cached: response.headers['cache-control'],
      problem: { type: problem.type, status: problem.status },
      errors: errorLines(problem),
      'codes that are not told of': codes.filter((one) => !known.has(one)),
      'has a title': saysSomething(problem.title),
      'the detail tells more':
        saysSomething(problem.detail) && problem.detail.replace(/\.$/, '') !== problem.title,
      'names its request': /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(problem.instance),
    },
    {
      status,
      type: 'application/problem+json',
      cached: 'no-store',
      problem: { type: `urn:imprimatur:problem:${code}`, status },
      errors,
      'codes that are not told of': [],
      'has a title': true,
      'the detail tells more': true,
      'names its request': true,
    },
    `${status} ${code}`,
  )
}

function saysSomething(text: unknown): boolean {
  return typeof text === 'string' && /\S/.test(text)
}

/** All but the one for a rule whose own was forgotten. */
const known = new Set<string>([...fieldErrorCodes, ...Object.keys(problemTable)])
known.delete('invalid')

/** The errors of a problem, each in one line. */
export function errorLines(problem: {
  errors?: { in: string; pointer: string; detail: string }[]
}): string[] {
  return (problem.errors ?? []).map((error) => `${error.in} ${error.pointer}: ${error.detail}`)
}
