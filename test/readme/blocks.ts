/** What README.md shows to type and what it says comes of it, in the order in which it stands there. */
export type Block =
  /** `console`: a command after `$ `, its further lines after `> `; below it what it prints. */
  | { kind: 'command'; command: string; output: string; line: number; outputLines: number }
  /** A file to make: the word behind the language is its name. */
  | { kind: 'file'; name: string; text: string; line: number }

/** Blocks of other languages, and those of `sh`, are to read only. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  const fence = /^```(\w+)(?: +(\S+))?\n(.*?)^```$/gms
  for (const { 1: language, 2: name, 3: text = '', index } of markdown.matchAll(fence)) {
    const line = markdown.slice(0, index).split('\n').length + 1
    if (name !== undefined) blocks.push({ kind: 'file', name, text, line })
    else if (language === 'console') blocks.push(...commandsOf(text, line))
  }
  return blocks
}

function commandsOf(text: string, start: number): Block[] {
  const found: Extract<Block, { kind: 'command' }>[] = []
  for (const [index, line] of text.replace(/\n$/, '').split('\n').entries()) {
    const last = found.at(-1)
    if (line.startsWith('$ '))
      found.push({ kind: 'command', command: line.slice(2), output: '', line: start + index, outputLines: 0 })
    else if (last === undefined) throw new Error(`README.md:${start + index}: an output without a command`)
    else if (line.startsWith('> ') && last.outputLines === 0) last.command += `\n${line.slice(2)}`
    else {
      last.output += `${line}\n`
      last.outputLines += 1
    }
  }
  return found
}

/** The same text with what each command really printed, but for outputs that are cut short with `…`. */
export function withOutputs(markdown: string, printed: ReadonlyMap<Block, string>): string {
  const lines = markdown.split('\n')
  for (const [block, text] of [...printed].reverse()) {
    if (block.kind !== 'command' || /^…$/m.test(block.output)) continue
    const first = block.line - 1 + block.command.split('\n').length
    lines.splice(
      first,
      block.outputLines,
      ...text
        .replace(/\n$/, '')
        .split('\n')
        .filter((line) => line !== '' || text !== ''),
    )
  }
  return lines.join('\n')
}

/** What differs from one run to the next, and how it looks. `same`: one value in README.md is one value in the run. */
const variable = [
  { pattern: '[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}', same: true },
  { pattern: 'im[rt]_[A-Za-z0-9_-]{43}', same: true },
  { pattern: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z', same: false },
  { pattern: '\\d+(?:\\.\\d+)? ?ms', same: false },
]

/** Compares outputs with what README.md shows, over a whole session: an id that it shows twice is to be one id. */
export function outputMatcher(): { matches: (shown: string, printed: string) => boolean } {
  const meaning = new Map<string, string>()
  const shownAs = new Map<string, string>()
  return {
    matches(shown, printed) {
      const { pattern, values } = patternOf(shown)
      const [, ...actual] = pattern.exec(printed) ?? [null]
      const pairs = values.map((value, index): [string, string] => [value, actual[index] ?? ''])
      for (const [value, real] of pairs) {
        if ((meaning.get(value) ?? real) !== real || (shownAs.get(real) ?? value) !== value) return false
        meaning.set(value, real)
        shownAs.set(real, value)
      }
      return pattern.test(printed)
    },
  }
}

/** A line `…` stands for any number of lines. */
function patternOf(shown: string): { pattern: RegExp; values: string[] } {
  const values: string[] = []
  const any = new RegExp(variable.map(({ pattern }) => `(?:${pattern})`).join('|'), 'g')
  const lines = shown.split('\n').map((line) => {
    if (line === '…') return '(?:.*\\n)*?'
    let source = ''
    let end = 0
    for (const { 0: value, index } of line.matchAll(any)) {
      const kind = variable.find(({ pattern }) => new RegExp(`^(?:${pattern})$`).test(value))
      source += escaped(line.slice(end, index))
      source += kind?.same ? `(${kind.pattern})` : (kind?.pattern ?? '')
      if (kind?.same) values.push(value)
      end = index + value.length
    }
    return `${source}${escaped(line.slice(end))}\\n`
  })
  // What is shown ends in a newline, so there is an empty line behind it.
  return { pattern: new RegExp(`^${lines.slice(0, -1).join('')}$`), values }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
