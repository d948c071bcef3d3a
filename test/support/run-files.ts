import { delimiter, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { forgetAnswers } from './routes.ts'

/* Runs the test files of TEST_FILES in this one process, one after the other. */

const files = (process.env['TEST_FILES'] ?? '').split(delimiter)
for (const file of files) {
  // What one has seen is not for the next, whose own tests are to see it.
  t.test(`${relative(process.cwd(), file)}, of which the next tests are`, async () => forgetAnswers())
  await import(pathToFileURL(file).href)
}
t.setTimeout(files.length * 300_000)
