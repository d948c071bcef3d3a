import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { parse } from 'yaml'
import { bareNode, startService } from '../support/process.ts'

/* The Arazzo document of a comment's life, run against the real service by a tool that nobody here wrote. */

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const life = `${checkout}openapi/comment-life.arazzo.yaml`
const token = 'a-moderators-token-of-some-forty-characters'

t.setTimeout(600_000)

t.test('every step of it is answered as it says, and as the OpenAPI document says', async (t) => {
  const { ok, said } = await respect(await startEmpty(t), token)
  t.ok(ok, said)
  const { workflows } = parse(await readFile(life, 'utf8'))
  t.match(said, `Steps: ${workflows[0].steps.length} passed, ${workflows[0].steps.length} total`)
})

t.test('where one is not, it fails', async (t) => {
  t.match(await respect(await startEmpty(t), 'the-token-of-nobody-in-the-whole-wide-world'), {
    ok: false,
    said: /1 failed/,
  })
})

t.test('it is of this version', async (t) => {
  const { version } = JSON.parse(await readFile(`${checkout}package.json`, 'utf8'))
  t.match(parse(await readFile(life, 'utf8')), { info: { version } })
})

async function startEmpty(t: Parameters<typeof startService>[0]): Promise<string> {
  const { origin } = await startService(t, { DATABASE_URL: 'file::memory:', MODERATOR_TOKEN: token })
  return origin
}

async function respect(origin: string, moderatorToken: string): Promise<{ ok: boolean; said: string }> {
  const redocly = fileURLToPath(new URL('../../node_modules/.bin/redocly', import.meta.url))
  const inputs = ['--input', 'articleId=why-we-print', '--input', `moderatorToken=${moderatorToken}`]
  const args = [redocly, 'respect', life, ...inputs, '--server', `imprimatur=${origin}`]
  const told = ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr
  return promisify(execFile)('env', [...bareNode.slice(1), ...args], { cwd: checkout }).then(
    (written) => ({ ok: true, said: told(written) }),
    (written) => ({ ok: false, said: told(written) }),
  )
}
