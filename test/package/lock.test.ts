import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))

/*
 * npm 9, which Debian 12 and 13 have, compiles whatever has a binding.gyp, unless the lock file says that its author forbids it
 * ("gypfile": false in its package.json): what comes compiled would need a compiler. npm itself writes no such line, and takes it out
 * with each change of the file: put it back in then.
 */
t.test('what comes compiled is compiled by no npm', async (t) => {
  const { packages } = read('package-lock.json') as { packages: Record<string, { gypfile?: boolean }> }
  const compiled = Object.keys(packages).filter(
    (path) => path !== '' && existsSync(join(root, path, 'binding.gyp')),
  )
  t.ok(compiled.length > 0)
  for (const path of compiled) {
    t.equal(read(join(path, 'package.json')).gypfile, false, `${path} comes compiled`)
    t.equal(packages[path]?.gypfile, false, `"gypfile": false stands in package-lock.json, at ${path}`)
  }
})
