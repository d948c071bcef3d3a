import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { bareNode } from './support/process.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Runs main.ts as if on this version of Node, told before anything else is imported. */
async function runOn(version: string, ...args: string[]) {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`
  const child = spawn(process.execPath, [
    '--import',
    `data:text/javascript,${encodeURIComponent(pretend)}`,
    main,
    ...args,
  ])
  const closed = once(child, 'close')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  await closed
  return { code: child.exitCode, stdout, stderr }
}

t.test(
  'a Node that is too old is refused in a sentence, before anything is loaded that would crash it',
  async (t) => {
    for (const version of ['20.20.2', '22.17.9']) {
      const { code, stdout, stderr } = await runOn(version, '--version')
      t.equal(code, 1)
      t.equal(stdout, '')
      t.match(stderr, `Imprimatur needs Node.js 22.18 or later; this is ${version}.`)
    }
  },
)

t.test('a Node that is new enough is not', async (t) => {
  for (const version of ['22.18.0', '24.0.0'])
    t.match(await runOn(version, '--version'), { code: 0, stdout: /^\d+\.\d+\.\d+\n$/ })
})

t.test('the service loads no part of Node that it has no use for', async (t) => {
  const script = `await import('./src/cli/serve.ts'); console.log(process.moduleLoadList.join('\\n'))`
  const [command = '', ...args] = [...bareNode, '--input-type=module', '--eval', script]
  const child = spawn(command, args, {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const loaded = (await text(child.stdout)).split('\n')
  t.ok(loaded.includes('NativeModule http'), 'it serves')
  t.same(
    loaded.filter((name) => /\b(?:undici|test_runner|sqlite|quic)\b/.test(name)),
    [],
  )
})
