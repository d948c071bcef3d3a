import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { threadId } from 'node:worker_threads'
import { isUncounted } from './uncounted-tests.mjs'

/* Loaded first in each process of the tests that counts lines, and in each of its threads: what they would all do anew. */

// The runner's hook, which reads this when it is loaded, is not to read the source maps of every package: that takes longer
// than most processes do else.
process.env['_TAPJS_PROCESSINFO_EXCLUDE_'] = String(/^node:|[\\/]node_modules[\\/]/)

const [, file = ''] = /.*\/test\/(.+)$/.exec((process.argv[1] ?? '').replaceAll('\\', '/')) ?? []
if (isUncounted(file)) process.env['_TAPJS_PROCESSINFO_COVERAGE_'] = '0'

// Types are taken out of a file once: what does it is large, and where lines are counted Node.js keeps nothing of its own.
const kept = new URL('../node_modules/.cache/imprimatur-stripped/', import.meta.url)
mkdirSync(kept, { recursive: true })

registerHooks({
  load(url, context, nextLoad) {
    if (!/^file:[^?#]*\.ts$/.test(url) || url.includes('/node_modules/')) return nextLoad(url, context)
    return { format: 'module', source: strippedOf(readFileSync(new URL(url), 'utf8')), shortCircuit: true }
  },
})

function strippedOf(text) {
  const name = createHash('sha256').update(process.version).update(text).digest('hex')
  const file = new URL(`${name}.js`, kept)
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Which would warn that it is new, where a test reads all that a process writes.
    const { emitWarning } = process
    process.emitWarning = () => {}
    const stripped = stripTypeScriptTypes(text)
    process.emitWarning = emitWarning
    const mine = new URL(`${name}.${process.pid}.${threadId}`, kept)
    writeFileSync(mine, stripped)
    renameSync(mine, file)
    return stripped
  }
}
