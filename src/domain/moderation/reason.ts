import { commentLimits } from '../comments/comment.ts'
import { type Language, languages } from '../language.ts'
import { textFault } from '../text.ts'

/** What moderators give for a reason again and again: its code, by which it is counted, and what the author is told. */
export type ReadyReason = { readonly code: string; readonly texts: { readonly [Code in Language]?: string } }

export const mostReasons = 50

export function isKnownReason(reasons: readonly ReadyReason[], code: string): boolean {
  return reasons.some((reason) => reason.code === code)
}

/**
 * What the author is told of a reason that has no text of its own: in the language asked for, else in the deployment's, else in
 * the first that it has. `null` where the deployment no longer has it.
 */
export function reasonText(
  reasons: readonly ReadyReason[],
  code: string | null,
  language: Language,
  fallback: Language,
): string | null {
  const texts = reasons.find((reason) => reason.code === code)?.texts
  return texts?.[language] ?? texts?.[fallback] ?? Object.values(texts ?? {})[0] ?? null
}

/** What is wrong with a deployment's own reasons; none, where they are such. Each names where it is. */
export function reasonFaults(own: unknown): string[] {
  if (!Array.isArray(own)) return ['must be a list of reasons']
  if (own.length > mostReasons) return [`must have at most ${mostReasons} reasons`]
  const codes = own.map((reason: unknown) => (isRecord(reason) ? reason['code'] : undefined))
  return own.flatMap((reason: unknown, index) => {
    const at = `at reason ${index + 1}`
    if (!isRecord(reason)) return [`must have an object ${at}`]
    const { code, texts, ...others } = reason
    return [
      ...Object.keys(others).map((key) => `has no such key ${key} ${at}`),
      ...(typeof code === 'string' && aCode.test(code)
        ? []
        : [`must have a code of 1 to ${commentLimits.reasonCode} of a-z, 0-9 and - ${at}`]),
      ...(typeof code === 'string' && codes.indexOf(code) < index
        ? [`has the same code as another ${at}`]
        : []),
      ...textsFaults(texts).map((fault) => `${fault} ${at}`),
    ]
  })
}

export function isReadyReasons(own: unknown): own is readonly ReadyReason[] {
  return reasonFaults(own).length === 0
}

const aCode = new RegExp(`^[a-z0-9-]{1,${commentLimits.reasonCode}}$`)

function textsFaults(texts: unknown): string[] {
  if (!isRecord(texts) || Object.keys(texts).length === 0)
    return ['must have an object with texts by language']
  return Object.entries(texts).flatMap(([language, text]) => {
    if (!languages.includes(language as Language)) return [`has no language ${language}`]
    const isLine = typeof text === 'string' && textFault(text, 'line', commentLimits.reason) === null
    return isLine ? [] : [`must have a line of at most ${commentLimits.reason} characters for ${language}`]
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
