import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/* The end of `npm test`: where its time goes. tap leaves what each file printed, whose last line tells how long it took. */

const shown = 15

const folder = fileURLToPath(new URL('../.tap/test-results', import.meta.url))
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.tap'))
  .map((file) => ({ file: file.replace(/\.tap$/, ''), seconds: secondsIn(join(folder, file)) }))
  .toSorted((one, other) => other.seconds - one.seconds)

console.log(`\nThe slowest of ${files.length} test files, in seconds (three run at once):`)
for (const { file, seconds } of files.slice(0, shown))
  console.log(`${seconds.toFixed(1).padStart(6)}  ${file}`)

function secondsIn(path: string): number {
  const times = [...readFileSync(path, 'utf8').matchAll(/^# time=([\d.]+)ms$/gm)]
  return Number(times.at(-1)?.[1] ?? 0) / 1_000
}
