import type { LoadResult } from './load.ts'

/** A line of the table. */
export type Result = {
  name: string
  value: number
  shown: string
  detail: string
  bar?: { text: string; met: (value: number) => boolean }
}

export function plain(name: string, value: number, detail: string): Result {
  return { name, value, shown: value.toFixed(2), detail }
}

export function atLeast(name: string, value: number, bar: number, detail: string): Result {
  return { ...plain(name, value, detail), bar: { text: `≥ ${bar}`, met: (measured) => measured >= bar } }
}

export function atMost(
  name: string,
  value: number,
  bar: number,
  detail: string,
  shown: (value: number) => string,
): Result {
  return {
    ...plain(name, value, detail),
    shown: shown(value),
    bar: { text: `≤ ${bar}`, met: (measured) => measured <= bar },
  }
}

export function expectOnly({ statuses }: LoadResult, status: string): void {
  if (Object.keys(statuses).join() !== status)
    throw new Error(`Not only ${status}: ${JSON.stringify(statuses)}`)
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function quantile(values: readonly number[], share: number): number {
  const at = Math.min(values.length - 1, Math.floor(values.length * share))
  return values.toSorted((one, other) => one - other)[at] ?? Number.NaN
}

export function medianOf(results: readonly LoadResult[], key: 'perSecond' | 'p50Ms' | 'p99Ms'): number {
  return median(results.map((result) => result[key]))
}

export function busy(results: readonly LoadResult[]): string {
  return `generator busy ${Math.max(...results.map((result) => result.busy)).toFixed(2)}`
}

export function ms(value: number): string {
  return `${value.toFixed(1)} ms`
}

export function times(value: number): string {
  return `× ${value.toFixed(2)}`
}
