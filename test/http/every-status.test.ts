import { existsSync, readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { document } from '../../contract/document-check.ts'

const folder = new URL('routes/', import.meta.url)
const operationIds = Object.values(document.paths)
  .flatMap((item) => Object.values(item))
  .map(({ operationId }) => operationId)

/*
 * Each test file is a process of its own, so that no test can see all answers of the suite. But each operation has
 * its own file, and that one can see whether all of its statuses were there.
 */
t.test('each operation has a test that fails where a documented status was never seen', async (t) => {
  t.ok(operationIds.length > 10)
  for (const operationId of operationIds) {
    const file = new URL(`${kebabCase(operationId)}.test.ts`, folder)
    t.ok(existsSync(file), file.pathname)
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    t.equal(lines.at(-1), `everyStatusWasSeen(t, '${operationId}')`, 'as its last test')
  }
})

t.test('no test is left of an operation that is gone', async (t) => {
  const expected = operationIds.map((operationId) => `${kebabCase(operationId)}.test.ts`)
  t.same(readdirSync(folder).sort(), expected.sort())
})

function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
