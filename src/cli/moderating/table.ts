import { cut, lineOf, padded, widthOf } from './text.ts'

export type Column<T> = {
  heading: string
  cell: (row: T) => string
  /** Takes what the others leave, and is cut; the others are as wide as their widest cell. */
  takesRest?: true
  most?: number
}

/** A line for each row below a line of headings, none wider than `columns`. */
export function table<T>(rows: readonly T[], shown: readonly Column<T>[], columns: number): string[] {
  const lines = [
    shown.map(({ heading }) => heading),
    ...rows.map((row) => shown.map(({ cell, most = columns }) => cut(lineOf(cell(row)), most))),
  ]
  const widths = shown.map((_, index) => Math.max(...lines.map((line) => widthOf(line[index] ?? ''))))
  const rest =
    columns - gap.length * (shown.length - 1) - sumOf(widths.filter((_, i) => !shown[i]?.takesRest))
  return lines.map((line) =>
    cut(
      line
        .map((cell, index) =>
          shown[index]?.takesRest ? cut(cell, Math.max(1, rest)) : padded(cell, widths[index] ?? 0),
        )
        .join(gap)
        .trimEnd(),
      columns,
    ),
  )
}

const gap = '  '

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
