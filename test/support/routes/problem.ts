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
  t.equal(response.statusCode, status, `${status} ${code}`)
  t.equal(response.headers['content-type'], 'application/problem+json')
  t.equal(response.headers['cache-control'], 'no-store')
  const problem = JSON.parse(response.body)
  t.equal(problem.type, `urn:imprimatur:problem:${code}`)
  t.equal(problem.status, status)
  t.match(problem.title, /\S/)
  t.match(problem.detail, /\S/)
  t.match(problem.instance, /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  t.not(problem.detail.replace(/\.$/, ''), problem.title, 'the detail tells more than the title')
  t.same(errorLines(problem), errors)
  const codes = (problem.errors ?? []).map((error: { code: string }) => error.code)
  t.same(
    codes.filter((one: string) => !known.has(one)),
    [],
    'each field error has a code that is told of',
  )
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
