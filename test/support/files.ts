import { readdirSync } from 'node:fs'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { isUncounted } from '../../scripts/uncounted-tests.mjs'
import { bareNode } from './process.ts'

const inTest = fileURLToPath(new URL('../', import.meta.url))
const runFiles = fileURLToPath(new URL('run-files.ts', import.meta.url))

/** The test files of a folder, however deep, by their paths in it. */
export function testsOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
}

/**
 * Runs test files a share of them in each process, one after the other unless `atOnce` says more: loading the service takes a
 * process longer than the tests of most files do. Those whose lines are counted share none with the others.
 */
export function spawnParts(t: Test, name: string, { files, parts, atOnce = 1, env }: PartsOptions): void {
  const isCounted = (file: string) => parts.counted > 0 && !isUncounted(file.slice(inTest.length))
  const shares = [
    ...shared(files.filter(isCounted), parts.counted, [process.execPath]),
    ...shared(
      files.filter((file) => !isCounted(file)),
      parts.others,
      [...bareNode, manyServices],
    ),
  ]
  t.jobs = atOnce
  t.setTimeout(shares.length * timeoutSeconds * 1_000)
  for (const [index, { own, node }] of shares.entries()) {
    // The argument becomes part of the names of a test's files, so that all of them can be under way at once.
    const [command = '', ...args] = [...node, runFiles, `${name}-${index + 1}`]
    t.spawn(command, args, {
      name: `${name}, part ${index + 1} of ${shares.length}`,
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

function shared(files: readonly string[], parts: number, node: readonly string[]) {
  return Array.from({ length: parts }, (_, part) => ({
    own: files.filter((_, index) => index % parts === part),
    node,
  }))
}

/** As scripts/run-tests.ts has it for those that count lines. */
const manyServices = '--max-semi-space-size=64'

type PartsOptions = {
  files: readonly string[]
  /** How many processes share those whose lines are counted, where any are, and how many share the others. */
  parts: { counted: number; others: number }
  atOnce?: number
  env: Record<string, string>
}

/** Of a process with all its files, on a machine that is busy with other things. */
const timeoutSeconds = 3_000
