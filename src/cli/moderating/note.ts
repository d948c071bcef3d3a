import { CommandError } from '../command-error.ts'
import type { Terminal } from '../terminal.ts'
import { columnsOf, isForPeople, jsonLine, type PrintOptions, print } from './print.ts'
import { type ConnectionOptions, connect } from './service.ts'
import { hangingOf } from './text.ts'
import { someRefused } from './undo.ts'
import type { LoggedDecision } from './wire.ts'

export async function noteCommand(
  terminal: Terminal,
  id: string,
  words: readonly string[],
  options: ConnectionOptions & PrintOptions,
): Promise<void> {
  const service = await connect(terminal, options)
  const answer = await service.ask<LoggedDecision>('POST', `comments/${encodeURIComponent(id)}/notes`, {
    body: { text: words.join(' ') },
  })
  if (!answer.ok) throw new CommandError([answer.problem.detail], someRefused)
  await print(
    terminal,
    isForPeople(terminal, options)
      ? hangingOf(`noted     ${id}`, columnsOf(terminal))
      : [jsonLine(answer.body)],
  )
}
