import { Parser } from 'htmlparser2'

export type HtmlRules = {
  /**
   * `markup`: white space is what HTML makes of it. `text`: line breaks count, as where a system makes paragraphs of them when it
   * shows the text.
   */
  lineBreaks: 'markup' | 'text'
  /** Where a link really leads, for systems that put a counter in between; `null` where it leads nowhere that can be told. */
  targetOf?: (href: string) => string | null
}

/** Begin and end on a line of their own, with an empty line around; those of `closely` have none. */
const blocks = new Set(
  'address article aside center details dialog dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol p pre section table ul blockquote'.split(
    ' ',
  ),
)
const closely = new Set('caption dd div dt figcaption legend li summary tbody tfoot thead tr'.split(' '))

/** Nothing of what is in these is for readers. */
const silent = new Set(['script', 'style'])

/** Somebody who writes of `<script>` and does not close it has written text: so often it is tried again as that. */
const mostUnclosed = 10

const media = new Set('iframe embed video audio source'.split(' '))

/** A text with more than this is no comment; so much is worked out at the most. */
const longest = 2 ** 18

/** The parser looks through all open elements at some of them: beyond a few hundred it would take a long time. */
const deepest = 400

/** Quotes and lists in one another beyond this are written as if they were this deep. */
const deepestPrefix = 20

/**
 * What a browser would show, as plain text: paragraphs with an empty line in between, quotes behind `> `, entries of lists behind
 * `- ` or their number, the address of a link behind its words. Of what is no text nothing is kept. `null` where it is longer, or
 * its elements deeper in one another, than anything that somebody wrote.
 */
export function htmlToText(html: string, rules: HtmlRules): string | null {
  return shownOf(html.replaceAll(/\r\n?/g, '\n'), rules, mostUnclosed)
}

function shownOf(html: string, rules: HtmlRules, attempts: number): string | null {
  const writer = writerOf()
  const lists: ({ next: number } | null)[] = []
  const links: { target: string | null; part: number }[] = []
  let silence = 0
  let depth = 0
  let isGivenUp = false
  let [silentFrom, isUnclosed] = [0, false]
  let verbatim = 0
  // Old texts of some systems have no markup at all, and line breaks that count.
  const breaksCount = rules.lineBreaks === 'text' || !/<(?:p|br|div|li|blockquote)\b/i.test(html)

  const parser = new Parser(
    {
      onopentagname(name) {
        depth += 1
        if (depth > deepest) giveUp()
        if (!silent.has(name)) return
        if (silence === 0) silentFrom = parser.startIndex
        silence += 1
      },
      onopentag(name, attributes) {
        if (silence > 0) return
        if (isApart(name, lists.length)) writer.paragraph()
        else if (blocks.has(name) || closely.has(name)) writer.line()
        if (name === 'br') writer.lineBreak()
        else if (name === 'blockquote') writer.push('> ')
        else if (name === 'pre') verbatim += 1
        else if (name === 'ul') lists.push(null)
        else if (name === 'ol') lists.push({ next: Number.parseInt(attributes['start'] ?? '1', 10) || 1 })
        else if (name === 'li') writer.entry(markerOf(lists.at(-1)))
        else if (name === 'td' || name === 'th') writer.text(' ')
        else if (name === 'img') writer.text(imageText(attributes))
        else if (media.has(name)) writer.text(httpUrl(attributes['src']) ?? '')
        else if (name === 'a') {
          const target = httpUrl(attributes['href'])
          links.push({
            target: target === null || rules.targetOf === undefined ? target : rules.targetOf(target),
            part: writer.parts(),
          })
        }
      },
      ontext(text) {
        if (silence > 0) return
        if (verbatim > 0) writer.verbatim(text)
        else if (breaksCount) writer.verbatim(text.replaceAll(/[^\S\n]+/g, ' '), true)
        else writer.text(text)
        if (writer.length() > longest) giveUp()
      },
      onclosetag(name, isImplied) {
        depth -= 1
        if (silent.has(name)) {
          isUnclosed ||= isImplied
          silence = Math.max(0, silence - 1)
          return
        }
        if (silence > 0) return
        if (name === 'a') endLink()
        else if (name === 'blockquote') writer.pop()
        else if (name === 'li') writer.pop()
        else if (name === 'pre') verbatim = Math.max(0, verbatim - 1)
        else if (name === 'ul' || name === 'ol') lists.pop()
        if (isApart(name, lists.length)) writer.paragraph()
        else if (blocks.has(name) || closely.has(name)) writer.line()
      },
    },
    { decodeEntities: true },
  )

  const giveUp = () => {
    isGivenUp = true
    parser.pause()
  }

  const endLink = () => {
    const link = links.pop()
    if (link === undefined || link.target === null) return
    const words = writer.since(link.part)
    if (words === '') writer.text(link.target)
    else if (isSameAddress(words, link.target)) writer.replaceSince(link.part, link.target)
    else writer.text(` (${link.target})`)
  }

  parser.end(html)
  if (isUnclosed)
    return attempts === 0
      ? null
      : shownOf(`${html.slice(0, silentFrom)}&lt;${html.slice(silentFrom + 1)}`, rules, attempts - 1)
  return isGivenUp ? null : writer.whole()
}

/** A list within another has no empty lines around it. */
function isApart(name: string, listsAround: number): boolean {
  return blocks.has(name) && !(listsAround > 0 && (name === 'ul' || name === 'ol'))
}

function markerOf(list: { next: number } | null | undefined): string {
  if (list === null || list === undefined) return '- '
  const marker = `${list.next}. `
  list.next += 1
  return marker
}

function imageText({ alt, src }: Record<string, string>): string {
  return alt !== undefined && alt.trim() !== '' ? alt : (httpUrl(src) ?? '')
}

/** No other scheme leads anywhere that a reader should go. */
function httpUrl(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? ''
  const whole = trimmed.startsWith('//') ? `https:${trimmed}` : trimmed
  return /^https?:\/\/[^\s<>"]+$/i.test(whole) && URL.canParse(whole) ? whole : null
}

/** Also where the words are the beginning of the address, and say so by dots. */
function isSameAddress(words: string, target: string): boolean {
  const bare = (text: string) => text.replace(/^https?:\/\//i, '').replace(/\/$/, '')
  const shortened = /^(.{4,}?)(?:\.\.\.|…)$/.exec(words)?.[1]
  return shortened === undefined ? bare(words) === bare(target) : bare(target).startsWith(bare(shortened))
}

type Prefix = { first: string | null; rest: string }

/** Puts words, lines and paragraphs together; what stands at the beginning of lines goes by the quotes and lists around. */
function writerOf() {
  const prefixes: Prefix[] = []
  /** What is written, in the pieces it came in: of one long text the end is asked for again and again. */
  const parts: string[] = []
  let length = 0
  let line = ''
  let breaks = 0
  let isSpaced = false
  /** Spaces of a verbatim text, of which it is not known yet what follows. */
  let blank = ''

  const put = (text: string) => {
    if (text === '') return
    parts.push(text)
    length += text.length
  }
  const prefix = () => {
    const whole = prefixes.map(({ first, rest }) => first ?? rest).join('')
    for (const one of prefixes) one.first = null
    return whole
  }

  function emit(words: string): void {
    if (parts.length === 0 || breaks > 0) {
      const before = line
      line = prefix()
      const between = sharedBeginning(before, prefixes.map(({ rest }) => rest).join('')).trimEnd()
      if (parts.length > 0) put(`\n${`${between}\n`.repeat(breaks - 1)}`)
      put(line)
    } else if (isSpaced && !/\s$/.test(parts.at(-1) ?? '')) put(' ')
    breaks = 0
    isSpaced = false
    put(words)
  }

  /** At the beginning of an entry a paragraph begins by itself. */
  const isAtMarker = () => prefixes.at(-1)?.first !== null && prefixes.length > 0

  const writer = {
    text(text: string) {
      isSpaced ||= blank !== ''
      blank = ''
      for (const word of text.split(/([ \t\n\f\r]+)/)) {
        if (word === '') continue
        if (/^[ \t\n\f\r]/.test(word)) isSpaced = true
        else emit(word)
      }
    },
    /** Spaces are spaces, and a line break is one; where they are `single`, one alone stands between two words. */
    verbatim(text: string, single = false) {
      for (const [index, part] of text.split('\n').entries()) {
        if (index > 0) writer.lineBreak()
        if (part === '') continue
        // Of what stands before an entity only the spaces come first; at a line's end nobody sees them.
        if (part.trim() === '') blank += part
        else {
          const isSecond = single && breaks === 0 && /\s$/.test(parts.at(-1) ?? '')
          emit(isSecond ? part.trimStart() : blank + part)
          blank = ''
        }
      }
    },
    lineBreak() {
      blank = ''
      breaks = Math.min(2, breaks + 1)
    },
    line() {
      breaks = Math.max(breaks, 1)
    },
    paragraph() {
      breaks = isAtMarker() ? Math.max(breaks, 1) : 2
    },
    push(rest: string) {
      prefixes.push({ first: null, rest: prefixes.length < deepestPrefix ? rest : '' })
    },
    entry(marker: string) {
      const isDeep = prefixes.length >= deepestPrefix
      prefixes.push({ first: isDeep ? null : marker, rest: isDeep ? '' : ' '.repeat(marker.length) })
    },
    pop() {
      prefixes.pop()
    },
    length: () => length,
    parts: () => parts.length,
    since: (part: number) => parts.slice(part).join('').trim(),
    /** Takes back what came since, and puts this there. */
    replaceSince(part: number, words: string) {
      const taken = parts.splice(part).join('')
      length -= taken.length
      put(taken.slice(0, taken.length - taken.trimStart().length))
      put(words)
    },
    whole: () => parts.join(''),
  }
  return writer
}

function sharedBeginning(one: string, other: string): string {
  let length = 0
  while (length < one.length && one[length] === other[length]) length += 1
  return one.slice(0, length)
}
