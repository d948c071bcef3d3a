import { readdirSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import t from 'tap'
import { slotNames } from '../../src/page/thread.ts'

/* What docs/embedding.md promises to sites is what there is: by its names, so that neither is changed without the other. */

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFile(new URL(path, root), 'utf8')
const embedding = await read('docs/embedding.md')

const sources = await Promise.all(
  ['src/page', 'client/embed'].flatMap((folder) =>
    readdirSync(new URL(folder, root)).map((file) => read(`${folder}/${file}`)),
  ),
)
const source = sources.join('\n')

t.test('every class that there is is promised, and no other', async (t) => {
  const written = source.matchAll(
    /class: '(imprimatur(?:-[a-z]+)*)'|buttonOf\('([a-z]+)'|button\('([a-z]+)'/g,
  )
  const actual = [...written].map(([, name, ours, own]) => name ?? `imprimatur-${ours ?? own}`)
  const classed = source.matchAll(/nameOf\([^)]*'(imprimatur-[a-z]+)'\)/g)
  const promised = rows('class').flatMap((row) => namesIn(row.split('|')[1] ?? ''))
  t.ok(promised.length > 30, `${promised.length} classes`)
  t.same(distinct(promised), distinct([...actual, ...[...classed].map(([, name = '']) => name)]))
})

t.test('every variable of the style is promised, and no other', async (t) => {
  const style = await read('client/comments.css')
  const actual = style.match(/--imprimatur-[a-z]+/g) ?? []
  t.ok(actual.length > 5)
  const promised = rows('variable').flatMap((row) => namesIn(row.split('|')[1] ?? ''))
  t.same(distinct(promised), distinct(actual))
})

t.test('every attribute, event and place is told of, and no other', async (t) => {
  const [element, count] = rowsOfEach('attribute').map((table) =>
    distinct(table.flatMap((row) => namesIn(row.split('|')[1] ?? ''))),
  )
  t.ok((element?.length ?? 0) > 10 && (count?.length ?? 0) > 3)
  t.same(element, distinct(await attributesOf('client/embed/element.ts')))
  t.same(count, distinct(await attributesOf('client/embed/count-element.ts')))

  const told = source.matchAll(/#tell\('([a-z]+)'/g)
  const events = rows('event, on the element and above it').flatMap((row) => namesIn(row.split('|')[1] ?? ''))
  t.same(distinct(events), distinct([...told].map(([, name]) => `imprimatur-${name}`)))

  const [, places = ''] = /one of five places:(.*?)\n\n/s.exec(embedding) ?? []
  t.same(distinct(namesIn(places)), distinct(slotNames))
})

t.test('every picture is shown, and small', async (t) => {
  const texts = `${await read('README.md')}${embedding}${await read('docs/moderating.md')}`
  const pictures = readdirSync(new URL('docs/pictures', root))
  t.ok(pictures.length > 5)
  for (const picture of pictures) {
    t.match(texts, `pictures/${picture}`)
    const { size } = await stat(new URL(`docs/pictures/${picture}`, root))
    t.ok(size < 150_000, `${picture} has ${size} bytes`)
  }
  for (const [, name = ''] of texts.matchAll(/pictures\/([\w-]+\.png)/g)) t.ok(pictures.includes(name), name)
})

async function attributesOf(file: string): Promise<string[]> {
  const [, list = ''] = /observedAttributes =\s+(\[.*?\]|'.*?')/s.exec(await read(file)) ?? []
  return [...list.matchAll(/[\w-]+/g)].map(([name]) => name)
}

/** The rows of the tables whose first column is headed so. */
function rowsOfEach(heading: string): string[][] {
  const tables = embedding.matchAll(new RegExp(`^\\| ${heading} \\|.*\\n\\|[ |-]+\\n((?:\\|.*\\n)+)`, 'gm'))
  return [...tables].map(([, body = '']) => body.trimEnd().split('\n'))
}

function rows(heading: string): string[] {
  return rowsOfEach(heading).flat()
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name)
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}
