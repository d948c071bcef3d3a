import { onOneLine } from '../domain/text.ts'
import type { AdditionStore } from '../store/additions.ts'
import { counted, numbered } from './progress.ts'

/** Where a comment of a file is. */
export type Place = { id: string; articleId: string }

/** What a database has already of the comments that a file would add to it. */
export type AlreadyThere = {
  comments: number
  missing: number
  /** Articles of the file that would get none of its comments. */
  settled: ReadonlySet<string>
  /** Comments that lie on another article than the file says: these stay where they are. */
  elsewhere: number
  /** The articles of some of them: in the database, and in the file. */
  examples: readonly { here: string; there: string }[]
}

const examplesShown = 10

/** How many are looked for at once. */
const atOnce = 1_000

/** Looks for each of these comments; `ask` has each question asked, as often as it takes. Gives so many `shown` examples. */
export async function alreadyThere(
  store: AdditionStore,
  places: AsyncIterable<Place> | Iterable<Place>,
  ask: <T>(question: () => Promise<T>) => Promise<T>,
  onSome: (count: number) => void,
  shown = examplesShown,
): Promise<AlreadyThere> {
  const [settled, growing] = [new Set<string>(), new Set<string>()]
  const examples = new Map<string, { here: string; there: string }>()
  let [comments, missing, elsewhere] = [0, 0, 0]

  async function look(some: readonly Place[]): Promise<void> {
    const articleOf = await ask(() => store.articlesOfComments(some.map(({ id }) => id)))
    const answering = await ask(() => store.answeringArticles(some.map(({ articleId }) => articleId)))
    for (const { id, articleId } of some) {
      const here = articleOf.get(id)
      if (here === undefined) {
        missing += 1
        growing.add(articleId)
        continue
      }
      settled.add(articleId)
      if (here === (answering.get(articleId) ?? articleId)) continue
      elsewhere += 1
      if (examples.size < shown) examples.set(JSON.stringify([here, articleId]), { here, there: articleId })
    }
    comments += some.length
    onSome(some.length)
  }

  let batch: Place[] = []
  for await (const { id, articleId } of places) {
    batch.push({ id, articleId })
    if (batch.length < atOnce) continue
    await look(batch)
    batch = []
  }
  await look(batch)
  return {
    comments,
    missing,
    settled: settled.difference(growing),
    elsewhere,
    examples: [...examples.values()],
  }
}

/** Of a dry run, for people. */
export function wouldAddLines(found: AlreadyThere): string[] {
  const there = found.comments - found.missing
  return [
    `${numbered(there)} of these comments ${there === 1 ? 'is' : 'are'} in the database already: ${numbered(found.missing)} would be added.`,
    ...elsewhereLines(found),
  ]
}

/** For people: comments that came in under other ids than the file has now, and stay there. */
export function elsewhereLines({ elsewhere, examples }: AlreadyThere): string[] {
  return elsewhere === 0
    ? []
    : [
        `Of those already there ${counted(elsewhere, 'comment')} ${elsewhere === 1 ? 'is' : 'are'} on another article than the file says, and ${elsewhere === 1 ? 'stays' : 'stay'} there (imprimatur articles move gives an article another id):`,
        ...examples.map(({ here, there }) => `  ${onOneLine(here)}, in the file ${onOneLine(there)}`),
      ]
}

/** A reply beside a comment that lies elsewhere would stand at the top for good, on an article of its own. */
export function objectionsTo({ elsewhere, missing }: AlreadyThere): string[] {
  return elsewhere === 0 || missing === 0
    ? []
    : [
        'Threads would be torn for good: their new comments would go to other articles than those that are there.',
        'Move the articles first (imprimatur articles move --map FILE: a line for each, the id here, a tab, the id that it is to have), make the ids as they were, or go on all the same (--force).',
      ]
}
