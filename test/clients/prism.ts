import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { freePort } from '../support/free-port.ts'
import { bareNode } from '../support/process.ts'

/**
 * Prism before the service: it answers with an error of its own where a request or an answer is not as the document, the folder's
 * `openapi.json` unless another is given, has it. It ends with the test.
 */
export async function startProxy(
  t: Test,
  folder: string,
  origin: string,
  document?: unknown,
): Promise<string> {
  const port = await freePort()
  let file = join(folder, 'openapi.json')
  if (document !== undefined) {
    file = join(folder, `openapi-${port}.json`)
    await writeFile(file, JSON.stringify(document))
  }
  const prism = join(folder, 'node_modules/.bin/prism')
  const args = ['proxy', file, origin, '--errors', '--port', String(port), '--multiprocess', 'false']
  const child = spawn('env', [...bareNode.slice(1), prism, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said += chunk
        if (said.includes('Prism is listening')) resolve()
      })
    child.on('close', (code) => reject(new Error(`Prism ended with ${code}: ${said}`)))
  })
  return `http://127.0.0.1:${port}`
}
