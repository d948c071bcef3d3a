import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import t from 'tap'

const checkout = fileURLToPath(new URL('../..', import.meta.url))

/** What the dynamic linker says where a library is missing. */
const noLibatomic =
  'echo "node: error while loading shared libraries: libatomic.so.1: cannot open shared object file" >&2; exit 127'

/** Runs what a script of package.json does before it runs `node`, where the first `node` of the path is this shell script. */
function found(t: Test, node: string, npmNode?: string) {
  const folder = join(t.testdir(), "a node's folder")
  mkdirSync(folder)
  writeFileSync(join(folder, 'node'), `#!/bin/sh\n${node}\n`)
  chmodSync(join(folder, 'node'), 0o700)
  return spawnSync('sh', ['-c', '. ./scripts/find-node.sh && exec node -p process.execPath'], {
    cwd: checkout,
    encoding: 'utf8',
    env: { PATH: `${folder}:/usr/bin:/bin`, ...(npmNode !== undefined && { npm_node_execpath: npmNode }) },
  })
}

t.test('a Node.js that runs and is new enough is the one', (t) => {
  t.match(found(t, `exec '${process.execPath}' "$@"`), {
    status: 0,
    stdout: `${process.execPath}\n`,
    stderr: '',
  })
  t.end()
})

t.test("where the checkout's own does not run, that of npm does", (t) => {
  t.match(found(t, noLibatomic, process.execPath), { status: 0, stdout: `${process.execPath}\n`, stderr: '' })
  t.end()
})

t.test('where none does, a sentence says what to install', (t) => {
  for (const npmNode of [undefined, '/nowhere/node'])
    t.match(found(t, noLibatomic, npmNode), {
      status: 1,
      stdout: '',
      stderr:
        /^The Node\.js of this checkout needs libatomic\.so\.1, .*\n {2}apt-get install libatomic1 .*\n$/,
    })
  t.match(found(t, 'case $1 in --version) echo v18.20.4;; *) exit 1;; esac'), {
    status: 1,
    stderr:
      /^Imprimatur needs Node\.js 22\.18 or later; this is v18\.20\.4\. Without --omit=dev, npm ci brings/,
  })
  t.end()
})

t.test('every command of README.md that runs Node.js by npm looks for one first', (t) => {
  const { scripts } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  for (const name of ['start', 'imprimatur', 'pretest'])
    t.match(scripts[name], /^\. \.\/scripts\/find-node\.sh && /)
  t.end()
})
