import sax, { type QualifiedTag } from 'sax'
import { SourceFault } from '../source-fault.ts'
import { decoded } from './decoding.ts'
import type { SourceFile } from './source-file.ts'

export type Element = {
  namespace: string
  /** Without its prefix. */
  name: string
  attribute: (namespace: string, name: string) => string | null
  /** Of the prefixes that it declares itself. */
  declares: readonly string[]
}

export type XmlHandler = {
  /**
   * `path` are the names of the elements around it, from the root. Answers whether its text is wanted; of what is nobody's business,
   * such as an IP address, only `whether` there is any: `present` is given in its place.
   */
  open: (element: Element, path: readonly Element[]) => boolean | 'whether'
  /** `text` is what stands in it directly, and `null` where that is more than any comment could have. */
  close: (element: Element, path: readonly Element[], text: string | null) => void
}

/** In place of a text of which only that it is there is wanted. */
export const present = '…'

/** No element of an export is deeper than some ten. */
const deepest = 100

/** In UTF-16 units. A comment of 10,000 characters, each an entity in a tag of its own, has less. */
const longestText = 2 ** 20

/** What the parser keeps of a file that has neither end of tag nor text. */
const longestWait = 2 ** 20

/** What a file's root is called, by its beginning; `null` where it is no XML, but JSON or a database with XML somewhere in it. */
export function rootNameOf(beginning: string): string | null {
  const text = withoutComments(beginning)
  return /^[^<{["\0]*(?:<[?!][^>]*>[^<]*)*<([\w:.-]+)/.exec(text)?.[1] ?? null
}

/** Looks at each character once: a pattern looks for an end that is not there from each beginning again. */
function withoutComments(text: string): string {
  let rest = ''
  let at = 0
  for (;;) {
    const start = text.indexOf('<!--', at)
    const end = start < 0 ? -1 : text.indexOf('-->', start + '<!--'.length)
    if (end < 0) return rest + text.slice(at)
    rest += text.slice(at, start)
    at = end + '-->'.length
  }
}

/**
 * Reads XML piece by piece and gives after each what `handler` has found by then. No document type is followed and no entity
 * but those of HTML is known, so none can be made to grow.
 *
 * @throws SourceFault with line and column where it is not well-formed.
 */
export async function* readXml<T>(
  file: SourceFile,
  handlerOf: (found: (value: T) => void) => XmlHandler,
): AsyncGenerator<T> {
  let found: T[] = []
  const handler = handlerOf((value) => found.push(value))
  const parser = sax.parser(true, { xmlns: true, position: true })
  const fail = (sentence: string): never => {
    throw new SourceFault(sentence, { line: parser.line + 1, column: parser.column + 1 })
  }
  const path: Element[] = []
  let hasRoot = false
  /** Of the elements that are open; `null` where nobody wants it. */
  const texts: ({ parts: string[]; length: number; isSecret: boolean } | null)[] = []
  let lastSeenAt = 0
  const seen = () => {
    lastSeenAt = parser.position
  }
  const add = (text: string) => {
    seen()
    const into = texts.at(-1)
    if (into === null || into === undefined) return
    if (into.isSecret) {
      if (/\S/.test(text)) into.parts = [present]
      return
    }
    into.length += text.length
    if (into.length <= longestText) into.parts.push(text)
    else into.parts.length = 0
  }

  parser.onerror = (error) => {
    // It goes on saying the same at every character.
    parser.onerror = () => {}
    fail(
      `It is no well-formed XML (${(error.message.split('\n')[0] ?? '').replace(/: .*$/, '').replace(/\.$/, '')}).`,
    )
  }
  parser.onopentag = (tag) => {
    seen()
    if (path.length === 0 && hasRoot) fail('Something stands behind its end, which is no part of an export.')
    hasRoot = true
    if (path.length >= deepest) fail(`Elements are nested more than ${deepest} deep: no export does that.`)
    const element = elementOf(tag as QualifiedTag)
    const isWanted = handler.open(element, path)
    path.push(element)
    texts.push(isWanted === false ? null : { parts: [], length: 0, isSecret: isWanted === 'whether' })
  }
  parser.onclosetag = () => {
    seen()
    const element = path.pop()
    const text = texts.pop()
    if (element === undefined) return
    handler.close(element, path, wholeOf(text))
  }
  parser.ontext = add
  parser.oncdata = add
  parser.oncomment = seen
  parser.onprocessinginstruction = seen
  parser.ondoctype = seen

  for await (const text of decoded(file.pieces())) {
    parser.write(text)
    if (parser.position - lastSeenAt > longestWait)
      fail('There is a tag, comment or declaration that does not end: no export has one so long.')
    yield* found
    found = []
  }
  if (path.length > 0) fail('It is cut off: there is more open than closed at its end.')
  parser.close()
  yield* found
}

function wholeOf(text: { parts: string[]; length: number } | null | undefined): string | null {
  if (text === null || text === undefined) return ''
  return text.length > longestText ? null : text.parts.join('')
}

function elementOf({ uri, local, attributes, ns }: QualifiedTag): Element {
  return {
    namespace: uri,
    name: local,
    attribute(namespace, name) {
      for (const one of Object.values(attributes))
        if (one.uri === namespace && one.local === name) return one.value
      return null
    },
    declares: Object.hasOwn(attributes, 'xmlns') || hasPrefixed(attributes) ? Object.values(ns) : [],
  }
}

function hasPrefixed(attributes: object): boolean {
  return Object.keys(attributes).some((name) => name.startsWith('xmlns:'))
}
