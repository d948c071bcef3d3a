import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { formatNames } from '../../src/convert/format-names.ts'
import { openStore } from '../../src/store/open-store.ts'
import { startApp } from '../support/app.ts'
import { pathOf, type State, type Written, writers } from '../support/other-systems.ts'
import { ask, freshDatabase } from '../support/postgres.ts'
import { commandAt, folderOf, locationOf } from '../support/transfers.ts'

/* What another system did not show is in no public answer, and what is left out is not in the database's bytes. */

t.setTimeout(600_000)

const states: readonly State[] = ['approved', 'pending', 'rejected', 'spam', 'deleted']
/** In a comment of that state, and nowhere else. */
const markOf = (state: State) => `zq${state}mark`

/** One of each state, and a public one below one that is deleted, which stays as a place in the thread. */
function written(of: readonly State[]): Written[] {
  const one = (state: State, index: number, parent: number | null): Written => ({
    number: index + 1,
    page: 0,
    parent,
    state,
    name: `Name ${markOf(state)}`,
    email: `${markOf(state)}@reader.example`,
    text: `Text ${markOf(state)}.`,
    atMs: Date.parse('2015-05-04T09:30:00Z') + index * 60_000,
  })
  const all = of.map((state, index) => one(state, index, null))
  const deleted = all.find(({ state }) => state === 'deleted')
  return deleted === undefined
    ? all
    : [...all, one('deleted', all.length, null), one('approved', all.length + 1, all.length + 1)]
}

type Way = { flags: readonly string[]; leftOut: readonly State[] }
const usual: Way = { flags: [], leftOut: ['spam', 'deleted'] }
const otherwise: Way = { flags: ['--spam', 'rejected', '--pending', 'skip'], leftOut: ['pending', 'deleted'] }

for (const [index, format] of formatNames.entries()) {
  const { states: known, write } = writers[format]
  const comments = written(states.filter((state) => known.includes(state)))
  // Into an empty database and into one in use: each format one way into the one, the other way into the other.
  const ways: ['sqlite' | 'postgres', Way, add: boolean][] = [
    ['sqlite', usual, index % 2 === 0],
    ['postgres', usual, index % 2 === 1],
    ['sqlite', otherwise, index % 2 === 1],
  ]

  for (const [dialect, { flags, leftOut }, add] of ways)
    t.test(
      `${format}, ${dialect}, ${add ? '--add ' : ''}${flags.join(' ')}: what was not public there is not public here`,
      async (t) => {
        const [source, kept] = [folderOf(t), folderOf(t)]
        const files = Object.entries(write(comments, source)).map(([name, content]) => {
          writeFileSync(join(source, name), content)
          return join(source, name)
        })
        const url = dialect === 'postgres' ? await freshDatabase(t) : `file:${join(kept, 'imprimatur.db')}`
        if (add) await commandAt(url, ['migrate'])
        const how = ['import', ...(add ? ['--add'] : []), ...flags]
        const { code, err } = await commandAt(url, [...how, '--from', format, ...files])
        t.equal(code, 0, err)
        if (known.includes('deleted')) t.match(err, /\n +1 {2}withdrawn \(deleted, with replies below\)\n/)

        const bytes =
          dialect === 'postgres'
            ? JSON.stringify(await ask(url, "SELECT query_to_xml('TABLE comments', true, false, '')::text"))
            : readdirSync(kept)
                .map((name) => readFileSync(join(kept, name), 'latin1'))
                .join()
        t.same(
          known.filter((state) => bytes.includes(markOf(state)) === leftOut.includes(state)),
          [],
          'what is taken is in the bytes, and nothing else',
        )

        const { call } = await startApp(t, { store: await openStore(locationOf(url), { poolSize: 2 }) })
        const id = encodeURIComponent(pathOf(0))
        const answers: string[] = []
        for (const path of [
          `/v1/articles/${id}/comments`,
          `/v1/articles/${id}/comments.atom`,
          `/v1/articles/${id}/thread.html`,
          `/v1/counts?articleId=${id}`,
          '/v1/comments.atom',
          `/thread/${id}`,
        ]) {
          const answer = await call({ url: path })
          t.equal(answer.statusCode, 200, path)
          answers.push(answer.body)
        }
        const all = answers.join()
        t.same(
          states.filter((state) => all.includes(markOf(state))),
          ['approved'],
        )
        t.notMatch(all, /reader\.example/)
      },
    )
}
