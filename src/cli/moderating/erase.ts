import { CommandError } from '../command-error.ts'
import type { Terminal } from '../terminal.ts'
import { columnsOf, isForPeople, jsonLine, type PrintOptions, print } from './print.ts'
import { type ConnectionOptions, connect } from './service.ts'
import { hangingOf } from './text.ts'
import { someRefused } from './undo.ts'
import type { DecidedComment } from './wire.ts'

export async function eraseCommand(
  terminal: Terminal,
  id: string,
  options: ConnectionOptions & PrintOptions & { reason: string; note?: string },
): Promise<void> {
  const service = await connect(terminal, options)
  const { reason, note } = options
  const answer = await service.ask<DecidedComment>('POST', `comments/${encodeURIComponent(id)}/erase`, {
    body: { reason, ...(note !== undefined && { note }) },
  })
  if (!answer.ok) throw new CommandError([answer.problem.detail], someRefused)
  const { changed } = answer.body
  const told = changed ? `erased    ${id}  for good` : `unchanged ${id}  it is erased already`
  await print(
    terminal,
    isForPeople(terminal, options) ? hangingOf(told, columnsOf(terminal)) : [jsonLine(answer.body)],
  )
}
