import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { v7 as uuidv7 } from 'uuid'
import { runCommand } from '../../src/cli/command.ts'
import { createToken } from '../../src/operations/tokens/create-token.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { testTerminal } from '../support/process.ts'

export type Ran = { code: number; out: string; err: string }

export type ModeratorAtDesk = {
  name: string
  env: Record<string, string>
  /** In a pipe, unless it says how wide the terminal is. */
  run: (args: readonly string[], more?: { columns?: number; input?: string }) => Promise<Ran>
  /** The same, and what it prints as values. */
  json: <T>(args: readonly string[], more?: { input?: string }) => Promise<T[]>
}

export type DeskService = TestApp & {
  origin: string
  /** Somebody with a token of their own, in a file. */
  moderator: (name: string) => Promise<ModeratorAtDesk>
  /** Submits as many, one after the other, and gives their ids in that order. */
  submitMany: (count: number, articleId?: string) => Promise<string[]>
}

/** A service that listens, on an empty store. */
export async function startDeskService(t: Test): Promise<DeskService> {
  const service = await startApp(t)
  const origin = await service.app.listen({ port: 0, host: '127.0.0.1' })
  const folder = t.testdir()
  return {
    ...service,
    origin,
    async moderator(name) {
      const deps = { store: service.store, clock: Date.now, newId: uuidv7 }
      const created = await createToken(deps, { name, scopes: ['moderate'], expiresAtMs: null })
      if (created.kind !== 'created') throw new Error(created.kind)
      const file = join(folder, `${name}.token`)
      writeFileSync(file, `${created.secret}\n`)
      const env = { IMPRIMATUR_URL: origin, IMPRIMATUR_TOKEN_FILE: file }
      const run: ModeratorAtDesk['run'] = async (args, { columns, input = '' } = {}) => {
        const terminal = testTerminal(env, input, columns)
        const code = await runCommand(args, terminal)
        return { code, out: terminal.out(), err: terminal.err() }
      }
      return {
        name,
        env,
        run,
        async json(args, more) {
          const { out } = await run(args, more)
          return out
            .split('\n')
            .slice(0, -1)
            .map((line) => JSON.parse(line))
        },
      }
    },
    async submitMany(count, articleId = 'why-we-print') {
      const ids: string[] = []
      for (let index = 0; index < count; index++)
        ids.push((await service.submit(articleId, { body: `Number ${index}.` })).id)
      return ids
    },
  }
}
