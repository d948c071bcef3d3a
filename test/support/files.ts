import { readdirSync } from 'node:fs'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const runFiles = fileURLToPath(new URL('run-files.ts', import.meta.url))

/** The test files of a folder, however deep, by their paths in it. */
export function testsOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
}

/**
 * Runs test files a share of them in each process, one after the other unless `atOnce` says more: loading the service takes a process longer than the
 * tests of most files do. `node` starts one.
 */
export function spawnParts(
  t: Test,
  name: string,
  { files, parts, atOnce = 1, node, env }: PartsOptions,
): void {
  t.jobs = atOnce
  t.setTimeout(parts * timeoutSeconds * 1_000)
  for (let part = 0; part < parts; part++) {
    const own = files.filter((_, index) => index % parts === part)
    // The argument becomes part of the names of a test's files, so that all of them can be under way at once.
    const [command = '', ...args] = [...node, runFiles, `${name}-${part + 1}`]
    t.spawn(command, args, {
      name: `${name}, part ${part + 1} of ${parts}`,
      env: {
        ...process.env,
        ...env,
        TEST_FILES: own.join(delimiter),
        TAP_TIMEOUT: String(timeoutSeconds),
      },
      timeout: timeoutSeconds * 1_000,
      buffered: true,
    })
  }
}

type PartsOptions = {
  files: readonly string[]
  parts: number
  atOnce?: number
  node: readonly string[]
  env: Record<string, string>
}

/** Of a process with all its files, on a machine that is busy with other things. */
const timeoutSeconds = 3_000
