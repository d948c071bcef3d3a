import type { Counts } from '../store/transfer.ts'
import type { Terminal } from './terminal.ts'

export type Progress = {
  add: (count: number) => void
  /** Takes the bar away. */
  end: () => void
}

/** How often a bar is drawn, and how often a line is written where nobody watches. */
const drawEveryMs = 100
const writeEveryMs = 10_000

const barWidth = 30

/**
 * Tells on standard error how far something is: by a bar on a terminal, by a line now and then in a log. Its own lines: of
 * the libraries for it none was released for years.
 */
export function progressOf(
  { stderr }: Pick<Terminal, 'stderr'>,
  what: string,
  total: number,
  nowMs: () => number = () => performance.now(),
  unit: 'rows' | 'MiB' = 'rows',
): Progress {
  const everyMs = stderr.isTTY ? drawEveryMs : writeEveryMs
  let done = 0
  let toldMs = nowMs()
  let isDrawn = false

  const inUnit = (count: number) => (unit === 'MiB' ? Math.floor(count / 2 ** 20) : count)

  function told(): string {
    const share = total === 0 ? 1 : Math.min(1, done / total)
    const percent = `${Math.floor(share * 100)} %`
    const bar = '#'.repeat(Math.floor(share * barWidth)).padEnd(barWidth, '.')
    const counts = `${numbered(inUnit(done))} of ${numbered(inUnit(total))} ${unit}`
    return stderr.isTTY
      ? `\r\u001b[K${what} [${bar}] ${percent}, ${counts}`
      : `${what}: ${percent}, ${counts}\n`
  }

  return {
    add(count) {
      done += count
      if (nowMs() - toldMs < everyMs) return
      toldMs = nowMs()
      stderr.write(told())
      isDrawn = stderr.isTTY === true
    },
    end() {
      if (isDrawn) stderr.write('\r\u001b[K')
      isDrawn = false
    },
  }
}

export function numbered(count: number): string {
  return count.toLocaleString('en')
}

/** What was carried, in words. */
export function toldOf(counts: Counts): string {
  return [
    counted(counts.comment, 'comment'),
    counted(counts.decision, 'decision'),
    counted(counts.article, 'article'),
    counted(counts.idempotencyRecord, 'idempotency record'),
    counted(counts.token, 'token'),
  ].join(', ')
}

export function counted(count: number, what: string): string {
  return `${numbered(count)} ${what}${count === 1 ? '' : 's'}`
}
