import type { Terminal } from '../terminal.ts'
import { columnsOf, isForPeople, jsonLine, type PrintOptions, print } from './print.ts'
import { type ConnectionOptions, connect } from './service.ts'
import { type Column, table } from './table.ts'
import { ageOf, cut, durationOf, lineOf } from './text.ts'
import type { DecisionCounts, Summary } from './wire.ts'

export async function summaryCommand(
  terminal: Terminal,
  options: ConnectionOptions & PrintOptions,
  nowMs: number,
): Promise<void> {
  const service = await connect(terminal, options)
  const summary = await service.get<Summary>('summary')
  await print(
    terminal,
    isForPeople(terminal, options) ? told(summary, columnsOf(terminal), nowMs) : [jsonLine(summary)],
  )
}

function told(summary: Summary, columns: number, nowMs: number): string[] {
  const { counts, oldestPendingAt, claimed, today, waits, arrivals } = summary
  const { pending, approved, rejected, withdrawn } = counts
  const { decided, medianSeconds, p90Seconds } = waits
  const oldest = oldestPendingAt === null ? '' : `, the oldest for ${ageOf(oldestPendingAt, nowMs)}`
  const wait =
    medianSeconds === null || p90Seconds === null
      ? 'nothing was decided'
      : `${decided} decided, half of them within ${durationOf(medianSeconds)}, 90 % within ${durationOf(p90Seconds)}`
  const arrived = arrivals.reduce((sum, { count }) => sum + count, 0)
  const lines = [
    `Pending   ${pending}${oldest}`,
    `Claimed   ${claimed.mine} by you, ${claimed.others} by others`,
    `In all    ${approved} approved, ${rejected} rejected, ${withdrawn} withdrawn`,
    `24 hours  ${arrived} arrived; ${wait}`,
    ...(today.byReason.length === 0
      ? []
      : [`Reasons   ${today.byReason.map(({ code, count }) => `${lineOf(code)} ${count}`).join(', ')}`]),
  ]
  const rows = [...today.byModerator, { name: 'all today', ...today }]
  return [...lines.map((line) => cut(line, columns)), '', ...table(rows, shownOf(columns), columns)]
}

/** In a narrow terminal their names are cut. */
function shownOf(columns: number): Column<DecisionCounts & { name: string }>[] {
  const actions = ['approve', 'reject', 'reopen', 'erase'] as const
  return [
    { heading: 'TODAY', cell: ({ name }) => name, most: Math.max(4, columns - 34) },
    ...actions.map((action) => ({
      heading: action.toUpperCase(),
      cell: (counts: DecisionCounts) => String(counts[action]),
    })),
  ]
}
