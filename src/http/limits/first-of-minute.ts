import { LRUCache } from 'lru-cache'

const minuteMs = 60_000

/** Whoever has many addresses must not fill the log: of each minute so many are told. */
const toldAMinute = 20

/** Tells, for each client, the first time in a minute from the others; no more of them than the log is to have. */
export function firstOfMinute(elapsedMs: () => number): (client: string) => boolean {
  // Made with the first client who is refused.
  let untilMs: LRUCache<string, number> | undefined
  let told = 0
  let minuteEndsMs = 0
  return (client) => {
    const nowMs = elapsedMs()
    untilMs ??= new LRUCache({ max: 10_000 })
    if ((untilMs.get(client) ?? 0) > nowMs) return false
    untilMs.set(client, nowMs + minuteMs)
    if (minuteEndsMs <= nowMs) {
      told = 0
      minuteEndsMs = nowMs + minuteMs
    }
    told += 1
    return told <= toldAMinute
  }
}
