import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'

/*
 * `npm run test:long`: what is long by nature (kills, failovers, races, requests made at random), in numbers that find what a
 * short run seldom meets. Some hours on two cores. `npm run test:long -- crash` runs those files alone whose names have the word.
 */

const seed = process.env['SEED'] ?? String(randomInt(2 ** 31))

const long: [file: string, amount: Record<string, string>][] = [
  ['test/property/requests.test.ts', { REQUESTS: '200000' }],
  ['test/property/both-stores.test.ts', { REQUESTS: '20000' }],
  ['test/property/caches.test.ts', { STEPS: '5000' }],
  ['test/property/moving-in.test.ts', { ROUNDS: '50' }],
  ['test/naughty/naughty.test.ts', { ALL: '1' }],
  ['test/container/image.test.ts', { INSTALL: '1' }],
  ['test/package/package.test.ts', { INSTALL: '1' }],
  ['test/readme/readme.test.ts', { INSTALL: '1' }],
  ['test/at-once/http-on-postgres.ts', { WHOLE: '1' }],
  ['test/clients/clients.test.ts', { WHOLE: '1' }],
  ['test/contract/contract.test.ts', { WHOLE: '1' }],
  ['test/openapi/text-patterns.test.ts', { WHOLE: '1' }],
  ['test/store/sqlite/store.test.ts', { WHOLE: '1' }],
  ['test/store/postgres/store.test.ts', { WHOLE: '1' }],
  ['test/http/serving/long-headers.test.ts', { WHOLE: '1' }],
  ['test/cli/long-lines.test.ts', { WHOLE: '1' }],
  ['test/convert/formats/artrans.test.ts', { WHOLE: '1' }],
  ['test/convert/formats/comentario.test.ts', { WHOLE: '1' }],
  ['test/convert/formats/commento.test.ts', { WHOLE: '1' }],
  ['test/convert/formats/waline.test.ts', { WHOLE: '1' }],
  ['test/replicas/submissions.test.ts', { REPETITIONS: '100' }],
  ['test/replicas/decisions.test.ts', { REPETITIONS: '100' }],
  ['test/crash/crash.test.ts', { ROUNDS: '1000' }],
  ['test/crash/move.test.ts', { ROUNDS: '200' }],
  ['test/crash/add.test.ts', { ROUNDS: '100' }],
  ['test/crash/move-in.test.ts', { ROUNDS: '50' }],
  ['test/crash/postgres-crash.test.ts', { ROUNDS: '100' }],
  ['test/crash/postgres-failover.test.ts', { ROUNDS: '50' }],
]

const wanted = process.argv.slice(2)
const failed: string[] = []
console.log(`SEED=${seed}`)
for (const [file, amount] of long) {
  if (wanted.length > 0 && !wanted.some((word) => file.includes(word))) continue
  const startedMs = performance.now()
  const env = { ...process.env, SEED: seed, TAP_BAIL: '0', ...amount }
  const { status, stdout } = spawnSync(process.execPath, [file], {
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  })
  const [totals = 'did not run to its end'] = /^# \{.*\}$/m.exec(stdout) ?? []
  console.log(`${file}: ${totals}, ${Math.round((performance.now() - startedMs) / 1_000)} s`)
  if (status === 0) continue
  failed.push(file)
  console.log(
    stdout
      .split('\n')
      .filter((line) => /^ *not ok/.test(line))
      .join('\n'),
  )
}
if (failed.length > 0) console.log(`Failed: ${failed.join(', ')}`)
process.exitCode = failed.length > 0 ? 1 : 0
