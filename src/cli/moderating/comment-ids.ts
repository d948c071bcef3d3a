import { CommandError } from '../command-error.ts'
import type { Terminal } from '../terminal.ts'

/** A comment to decide about; `version` where a list said which one was seen. */
export type Target = { id: string; version: number | null }

/** Those named, and with `-` those of standard input: an id a line, or a line of JSON as a list prints it. None twice. */
export async function targetsOf(terminal: Terminal, ids: readonly string[]): Promise<Target[]> {
  const targets = new Map<string, Target>()
  for (const id of ids) {
    const lines = id === '-' ? await linesOf(terminal) : [id]
    for (const target of lines.map(targetOf)) targets.set(target.id, target)
  }
  return [...targets.values()]
}

async function linesOf({ stdin }: Terminal): Promise<string[]> {
  const pieces: Buffer[] = []
  for await (const piece of stdin ?? []) pieces.push(piece)
  return Buffer.concat(pieces)
    .toString('utf8')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function targetOf(line: string): Target {
  const { id, version } = line.startsWith('{') ? ofJson(line) : { id: line, version: null }
  if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id))
    throw new CommandError([`${id} is no comment's id. Nothing was decided.`])
  return { id: id.toLowerCase(), version }
}

function ofJson(line: string): Target {
  try {
    const { id, version } = JSON.parse(line) as { id?: unknown; version?: unknown }
    return { id: String(id), version: Number.isSafeInteger(version) ? (version as number) : null }
  } catch {
    return { id: line, version: null }
  }
}
