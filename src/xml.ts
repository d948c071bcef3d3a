/*
 * XML 1.0 as far as feeds and files for others need it: elements, attributes, text. All that is no markup of ours is escaped,
 * and there is no way to put in any that is not.
 */

/** Made by `element` and `cdata` alone. */
export type Markup = { readonly markup: string; readonly isText?: true }

type Content = Markup | string | null

/** Attributes and content that are `null` are left out. Elements inside stand on lines of their own; text stands as it is. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | null>>,
  ...content: readonly Content[]
): Markup {
  const start = [
    name,
    ...Object.entries(attributes).flatMap(([key, value]) =>
      value === null ? [] : [`${key}="${escaped(value, inAttribute)}"`],
    ),
  ].join(' ')
  const parts = content.filter((part) => part !== null)
  if (parts.length === 0) return { markup: `<${start}/>` }
  const isText = parts.some((part) => typeof part === 'string' || part.isText)
  const told = parts.map((part) => (typeof part === 'string' ? escaped(part, inText) : part.markup))
  const inner = isText ? told.join('') : `\n${told.join('\n')}\n`
  return { markup: `<${start}>${inner}</${name}>` }
}

/**
 * Text as a CDATA section, where those who read a file look for one without a parser. It can hold no reference, so line breaks
 * are what a parser makes of them; its own end is split over two (sections 2.7 and 2.11).
 */
export function cdata(text: string): Markup {
  const inner = holdable(text).replaceAll(/\r\n?/g, '\n').replaceAll(']]>', ']]]]><![CDATA[>')
  return { markup: `<![CDATA[${inner}]]>`, isText: true }
}

export function xmlDocument({ markup }: Markup): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${markup}\n`
}

/**
 * A parser makes one line feed of a carriage return, and spaces of line breaks in attributes, unless they are written as
 * references (XML 1.0, sections 2.11 and 3.3.3).
 */
const inText = /[&<>\r]/g
const inAttribute = /[&<>"\t\n\r]/g

/** What no XML document can hold, not even as a reference (section 2.2), and the C1 controls, which it had better not. */
const unholdable = /(?![\t\n\r])[\p{Cc}\ufffe\uffff]/gu

function escaped(text: string, special: RegExp): string {
  return holdable(text).replaceAll(
    special,
    (character) => entities[character] ?? `&#${character.charCodeAt(0)};`,
  )
}

function holdable(text: string): string {
  return text.toWellFormed().replaceAll(unholdable, '\ufffd')
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
