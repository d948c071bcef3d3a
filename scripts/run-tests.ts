import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { filesToRun } from '../test/support/groups.ts'

/* The tests of `npm test`, or those that are named: `tap run` with what spares each of its processes some work. */

const before = new URL('before-each-process.mjs', import.meta.url)
const files = process.argv.length > 2 ? process.argv.slice(2) : filesToRun
const child = spawn('tap', ['run', ...files], {
  stdio: 'inherit',
  env: {
    ...process.env,
    // Hundreds of services begin and end in each process: what they leave behind is collected less often, in a tenth less time.
    NODE_OPTIONS: [process.env['NODE_OPTIONS'], '--max-semi-space-size=64', `--import=${before.href}`]
      .filter(Boolean)
      .join(' '),
  },
})
const [code] = await once(child, 'exit')
process.exitCode = code ?? 1
