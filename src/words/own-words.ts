import { type Language, languages } from '../domain/language.ts'
import type { OwnWords } from './en.ts'
import { en } from './words.ts'

/** What is wrong with a site's own words; none, where they are `OwnWords`. Each names its language and key. */
export function ownWordsFaults(own: unknown): string[] {
  if (!isRecord(own)) return ['must be an object with a language for each name']
  return Object.entries(own).flatMap(([language, words]) => {
    if (!languages.includes(language as Language)) return [`has no language ${language}`]
    if (!isRecord(words)) return [`must have an object at ${language}`]
    return Object.entries(words).flatMap(([key, word]) => {
      const fault = wordFault(key, word)
      return fault === null ? [] : [`${fault} at ${language}.${key}`]
    })
  })
}

function wordFault(key: string, word: unknown): string | null {
  if (!Object.hasOwn(en, key)) return 'has no such key'
  const ours = en[key as keyof typeof en]
  if (typeof ours === 'string') return typeof word === 'string' ? null : 'must have a text'
  const isPlural =
    isRecord(word) &&
    typeof word['other'] === 'string' &&
    Object.entries(word).every(([category, form]) => categories.has(category) && typeof form === 'string')
  return isPlural
    ? null
    : 'must have an object with a text for "other", and for one, two, few, many where they differ,'
}

const categories = new Set(['zero', 'one', 'two', 'few', 'many', 'other'])

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Without a fault these are a site's own words. */
export function isOwnWords(own: unknown): own is OwnWords {
  return ownWordsFaults(own).length === 0
}
