import type { z } from 'zod'
import type { RefusalCode } from '../domain/refusal.ts'

/**
 * What can be wrong with a field, for clients that say it in their readers' language; docs/problems.md explains each. A code
 * is stable; new ones may be added.
 */
export const fieldErrorCodes = [
  'required',
  'unknown',
  'wrong-type',
  'not-one-of',
  'out-of-range',
  'blank',
  'too-long',
  'too-many',
  'too-few',
  'repeated',
  'controls',
  'not-storable',
  'space-at-an-end',
  'dots',
  'not-an-email',
  'holds-the-address',
  'not-a-uuid',
  'not-a-cursor',
  'not-a-url',
  'not-a-time',
  'not-an-entity-tag',
  'not-a-key',
  'not-an-address',
  'not-a-host',
  'not-a-language',
  'not-json',
  'bad-encoding',
  'not-taken',
  'wrong-length',
  'invalid',
] as const

/** One of the list; or, where a field is why the core refused, the refusal's own. */
export type FieldErrorCode = (typeof fieldErrorCodes)[number] | RefusalCode

/** A rule's words and code, for `refine`. */
export function wrong(
  code: FieldErrorCode,
  detail: string,
): { error: string; params: { code: FieldErrorCode } } {
  return { error: detail, params: { code } }
}

/** The same for `addIssue`. */
export function wrongIssue(code: FieldErrorCode, detail: string) {
  return { code: 'custom' as const, message: detail, params: { code } }
}

/** The code of what a schema found. A rule of ours brings its own; `invalid` is for one that was forgotten. */
export function codeOf(issue: z.core.$ZodIssue): FieldErrorCode {
  if (issue.code !== 'custom' && issue.input === undefined) return 'required'
  switch (issue.code) {
    case 'custom':
      return (issue.params?.['code'] as FieldErrorCode | undefined) ?? 'invalid'
    case 'unrecognized_keys':
      return 'unknown'
    case 'invalid_type':
      return 'wrong-type'
    case 'invalid_value':
      return 'not-one-of'
    case 'invalid_format':
      return issue.format === 'uuid' ? 'not-a-uuid' : 'invalid'
    case 'too_big':
      if (isNumber(issue.origin)) return 'out-of-range'
      return issue.origin === 'array' ? 'too-many' : 'too-long'
    case 'too_small':
      if (isNumber(issue.origin)) return 'out-of-range'
      return issue.origin === 'array' ? 'too-few' : 'blank'
    default:
      return 'invalid'
  }
}

function isNumber(origin: string): boolean {
  return origin === 'number' || origin === 'int' || origin === 'bigint'
}
