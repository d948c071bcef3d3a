import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import t from 'tap'
import { document } from '../../src/contract/document-check.ts'

const folder = new URL('routes/', import.meta.url)
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.test.ts'),
)
const operationIds = Object.values(document.paths)
  .flatMap((item) => Object.values(item))
  .map(({ operationId }) => operationId)

/*
 * No test can see all answers of the suite: what one file has seen is forgotten before the next. But each operation has its own
 * file, and that one can see whether all of its statuses were there.
 */
t.test('each operation has a test that fails where a documented status was never seen', async (t) => {
  t.ok(operationIds.length > 10)
  for (const operationId of operationIds) {
    const file = files.find((name) => name.endsWith(`/${kebabCase(operationId)}.test.ts`)) ?? ''
    t.ok(file, operationId)
    const lines = readFileSync(new URL(file, folder), 'utf8').trimEnd().split('\n')
    t.equal(lines.at(-1), `everyStatusWasSeen(t, '${operationId}')`, 'as its last test')
  }
})

t.test('no test is left of an operation that is gone', async (t) => {
  const expected = operationIds.map((operationId) => `${kebabCase(operationId)}.test.ts`)
  const others = ['docs.test.ts', 'embed.test.ts', 'front-page.test.ts', 'serve-desk.test.ts']
  t.same(
    files
      .map((file) => basename(file))
      .filter((file) => !others.includes(file))
      .sort(),
    expected.sort(),
  )
})

function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
