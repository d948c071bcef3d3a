import { readFile } from 'node:fs/promises'
import { articleIdFault, normalizedArticleId } from '../domain/articles/article-id.ts'
import { moveArticle } from '../operations/articles/move-article.ts'
import { sourceRefusal } from './target-file.ts'
import { CommandError, type Terminal, withStore } from './terminal.ts'

/** How many lines that are wrong are told; a file of the wrong kind has one fault in each. */
const faultsTold = 20

type Line = { number: number; from: string; to: string }

/**
 * Moves many articles, each as a line of the file says: the old id, a tab, the new one. A line that begins with `#`, or is
 * empty, is passed over. Nothing is moved where any line is wrong; a run that broke off can be run again.
 */
export async function moveArticlesCommand(terminal: Terminal, { map }: { map: string }): Promise<void> {
  const { lines, faults } = linesIn(await textIn(terminal, map))
  if (faults.length > 0) {
    const more = faults.length - faultsTold
    throw new CommandError([
      'Nothing was moved. These lines are wrong:',
      ...faults.slice(0, faultsTold),
      ...(more > 0 ? [`And ${more} more.`] : []),
    ])
  }
  const refused = await withStore(terminal, async (store) => {
    const told: string[] = []
    let moved = 0
    for (const { number, from, to } of lines) {
      const result = await moveArticle({ store, clock: Date.now }, from, to)
      if (!result.ok) told.push(`Line ${number}, ${from}: ${result.refusal.detail}`)
      else if (result.value.changed) moved += 1
    }
    const before = lines.length - moved - told.length
    terminal.stderr.write(
      `Moved ${moved} ${moved === 1 ? 'article' : 'articles'}.${before > 0 ? ` ${before} had been moved before.` : ''}\n`,
    )
    return told
  })
  if (refused.length > 0) throw new CommandError(['These were not moved:', ...refused])
}

async function textIn(terminal: Terminal, file: string): Promise<string> {
  const bytes = file === '-' ? await inputOf(terminal) : await contentOf(file)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new CommandError([`${file} is no text in UTF-8.`])
  }
}

async function inputOf({ stdin }: Terminal): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of stdin ?? []) pieces.push(piece)
  return Buffer.concat(pieces)
}

async function contentOf(file: string): Promise<Buffer> {
  const refusal = sourceRefusal(file)
  if (refusal !== null) throw new CommandError([refusal])
  try {
    return await readFile(file)
    /* c8 ignore next 3: a file that others may not read; tests may read all. */
  } catch (error) {
    throw new CommandError([`${file} cannot be read: ${(error as Error).message}`])
  }
}

function linesIn(text: string): { lines: Line[]; faults: string[] } {
  const lines: Line[] = []
  const faults: string[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '' || line.startsWith('#')) continue
    const [from = '', to = '', ...more] = line.split('\t')
    const ids = [from, to].map(normalizedArticleId)
    if (more.length > 0 || ids.some((id) => articleIdFault(id) !== null))
      faults.push(`Line ${index + 1} is not an old id, a tab and a new id.`)
    else lines.push({ number: index + 1, from: ids[0] ?? '', to: ids[1] ?? '' })
  }
  return { lines, faults }
}
