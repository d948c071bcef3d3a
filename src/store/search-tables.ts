import type { AnyColumn, Table } from 'drizzle-orm'

export type StateRow = { name: string; sealed: number; erased: number; high: string; low: string }
export type SegmentRow = { segment: number; size: number; minId: string; maxId: string; revision: number }
export type BlockRow = { segment: number; fromWord: string; entries: string }
export type IdsRow = { place: string; segment: number; firstId: string; ids: string }

type With<Row> = Table & Record<keyof Row, AnyColumn>

/** The tables of the index of words, in either dialect. */
export type SearchTables = {
  state: With<StateRow>
  segments: With<SegmentRow>
  blocks: With<BlockRow>
  ids: With<IdsRow>
  late: With<{ commentId: string }>
}

/** As many ids stand in one row, in the order of the ordinals. */
export const idsInRow = 64

/** Where the ids of this ordinal and of those beside it stand. */
export function placeOf(segment: number, ordinal: number): string {
  return `${segment}/${Math.floor(ordinal / idsInRow)}`
}

/** The first ordinal of the row at a place. */
export function firstOrdinal(place: string): number {
  return Number(place.slice(place.indexOf('/') + 1)) * idsInRow
}
