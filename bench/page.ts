import { startChromium } from '../test/client/chromium.ts'
import { measureRendering, type Rendering } from '../test/client/rendering.ts'
import { atMost, median, ms, type Result } from './results.ts'

/** In a reader's browser: two hundred comments in threads of ten levels, beside a bare list of the same texts. */
export async function rendering({ runs }: { runs: number }): Promise<Result[]> {
  const ends: (() => Promise<unknown>)[] = []
  const browser = await startChromium({ teardown: (end) => ends.push(end) })
  const [own, bare]: [Rendering[], Rendering[]] = [[], []]
  try {
    for (let run = 0; run <= runs; run++) {
      const measured = [
        await measureRendering(browser, 'element'),
        await measureRendering(browser, 'bare list'),
      ] as const
      // The first of each is for the browser's own caches.
      if (run === 0) continue
      own.push(measured[0])
      bare.push(measured[1])
    }
  } finally {
    for (const end of ends) await end()
  }
  const of = (all: Rendering[], key: keyof Rendering) => median(all.map((one) => one[key]))
  const detail = `${(of(own, 'taskMs') / of(bare, 'taskMs')).toFixed(1)} × a bare list's ${ms(of(bare, 'taskMs'))}; style and layout ${ms(of(own, 'layoutMs'))} to ${ms(of(bare, 'layoutMs'))}`
  return [
    atMost('rendering 200 comments, ms of the main thread', of(own, 'taskMs'), 50, detail, (value) =>
      value.toFixed(0),
    ),
  ]
}
