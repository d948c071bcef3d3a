import { v7 as uuidv7 } from 'uuid'
import { onOneLine, withoutControls } from '../domain/text.ts'
import type { TokenScope } from '../domain/tokens/token.ts'
import { tokenState } from '../domain/tokens/token.ts'
import { createToken, environmentTokenName } from '../operations/tokens/create-token.ts'
import type { Expiry } from './expiry.ts'
import { CommandError, type Terminal, withStore } from './terminal.ts'
import { writeNewFile } from './token-file.ts'

const dayMs = 86_400_000

export async function createTokenCommand(
  terminal: Terminal,
  {
    name,
    scope,
    expires,
    file,
  }: { name: string; scope: readonly TokenScope[]; expires?: Expiry; file?: string },
): Promise<void> {
  const expiresAtMs =
    expires === undefined ? null : 'atMs' in expires ? expires.atMs : Date.now() + expires.afterDays * dayMs
  if (expiresAtMs !== null && expiresAtMs <= Date.now())
    throw new CommandError(['--expires must be in the future.'])
  await withStore(terminal, async (store) => {
    const wanted = { name, scopes: [...new Set(scope)], expiresAtMs }
    const deps = { store, clock: Date.now, newId: uuidv7 }
    const result = await (file === undefined
      ? createToken(deps, wanted)
      : createToken(deps, wanted, (secret) => writeNewFile(file, secret)))
    if (result.kind === 'name-taken') {
      throw new CommandError([
        name === environmentTokenName
          ? `The name ${environmentTokenName} is kept for the token that MODERATOR_TOKEN gives.`
          : `A token named ${name} exists. Revoke it first, or choose another name.`,
      ])
    }
    if (file === undefined)
      await printed(terminal, result.secret).catch(async (error: Error) => {
        await store.revokeToken(name, Date.now())
        throw new CommandError([`It cannot be printed (${error.message}), and was revoked.`])
      })
    terminal.stderr.write(
      `${file === undefined ? 'This is the only time it is shown.' : `It is in ${onOneLine(file)}, and nowhere else.`} Scopes: ${wanted.scopes.join(', ')}. Expires: ${dateOr(expiresAtMs, 'never')}.\n`,
    )
  })
}

/** Resolves once it is out: a token that nobody has read is good for nothing. */
async function printed({ stdout }: Terminal, secret: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // Who no longer reads is told by the write that fails.
  stdout.on?.('error', () => {})
  stdout.write(`${secret}\n`, (error) => (error ? reject(error) : resolve()))
  await promise
}

export async function listTokensCommand(
  terminal: Terminal,
  { json = false }: { json?: boolean },
): Promise<void> {
  const tokens = await withStore(terminal, (store) => store.listTokens())
  const rows = tokens.map((token) => ({
    name: token.name,
    scopes: token.scopes.join(','),
    state: tokenState(token, Date.now()),
    created: dateOr(token.createdAtMs, ''),
    expires: dateOr(token.expiresAtMs, 'never'),
    lastUsed: dateOr(token.lastUsedAtMs, 'never'),
  }))
  terminal.stdout.write(json ? `${withoutControls(JSON.stringify(rows, null, 2))}\n` : table(rows))
}

export async function revokeTokenCommand(terminal: Terminal, name: string): Promise<void> {
  const outcome = await withStore(terminal, (store) => store.revokeToken(name, Date.now()))
  if (outcome === 'missing') throw new CommandError([`There is no token named ${name} that is in force.`])
  terminal.stderr.write(`Revoked ${onOneLine(name)}.\n`)
}

function dateOr(ms: number | null, otherwise: string): string {
  return ms === null ? otherwise : new Date(ms).toISOString()
}

/** Columns as wide as their widest cell, under the keys as headings. */
function table(rows: readonly Record<string, string>[]): string {
  const [first] = rows
  if (first === undefined) return 'No token yet.\n'
  const columns = Object.keys(first)
  const lines = [
    columns.map((column) => column.toUpperCase()),
    ...rows.map((row) => columns.map((column) => onOneLine(row[column] ?? ''))),
  ]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)))
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
