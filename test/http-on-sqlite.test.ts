import { fileURLToPath } from 'node:url'
import t from 'tap'
import { spawnParts, testsOf } from './support/files.ts'

/*
 * The tests of test/http, but for those that `.taprc` runs in a process of their own, since they measure or wait.
 */

const folder = fileURLToPath(new URL('http/', import.meta.url))
const apart = ['serving/long-headers.test.ts', 'serving/one-at-a-time.test.ts']
const files = testsOf(folder).filter((file) => !apart.includes(file))

spawnParts(t, 'test/http', {
  files: files.map((file) => folder + file),
  parts: 4,
  node: [process.execPath],
  env: {},
})
