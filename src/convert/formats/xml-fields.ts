import { withEntitiesRead } from '../text/fields.ts'

/** What the elements below another one say, each by its name. */
export type XmlFields = {
  add: (name: string, text: string | null) => void
  /** `undefined` where there is none, `null` where it is longer than any comment. */
  whole: (name: string) => string | null | undefined
  /** Trimmed; `null` where there is nothing to read. */
  said: (name: string) => string | null
  /** The same of a name or title, in which these systems have HTML. */
  named: (name: string) => string | null
  /** Whether it is too long to be read, or there twice and not the same: what decides about being public must not be guessed. */
  isUnclear: (name: string) => boolean
}

export function xmlFields(): XmlFields {
  const texts = new Map<string, string | null>()
  const unclear = new Set<string>()

  function said(name: string): string | null {
    const text = texts.get(name)?.trim() ?? ''
    return text === '' ? null : text
  }

  return {
    add(name, text) {
      const before = texts.get(name)
      if (text === null || (before !== undefined && before?.trim() !== text.trim())) unclear.add(name)
      texts.set(name, text)
    },
    whole: (name) => texts.get(name),
    said,
    named(name) {
      const text = said(name)
      return text === null ? null : withEntitiesRead(text)
    },
    isUnclear: (name) => unclear.has(name),
  }
}
