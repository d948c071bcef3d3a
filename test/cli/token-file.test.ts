import { randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { v7 as uuidv7 } from 'uuid'
import { keepDraftInForce, opens, tokenFileFor, writeSecret } from '../../src/cli/token-file.ts'
import { createToken } from '../../src/operations/tokens/create-token.ts'
import { openStore } from '../../src/store/open-store.ts'
import { closedWith } from '../support/store.ts'

t.test('a secret is in its place once it is kept, for its owner alone', async (t) => {
  const folder = t.testdir()
  const file = tokenFileFor({ database: { dialect: 'sqlite', file: join(folder, 'imprimatur.db') } })
  const published = await writeSecret(file, 'secret')
  t.notOk(existsSync(file))
  t.same(
    readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777),
    [0o600],
  )
  await published.keep()
  t.same(readdirSync(folder), ['moderator-token'])
  t.equal(readFileSync(file, 'utf8'), 'secret\n')
  t.equal(statSync(file).mode & 0o777, 0o600)
})

t.test('each database of a folder has a file of its own for its token', async (t) => {
  const names = ['imprimatur.db', 'blog.db', 'blog', 'blog.sqlite', 'blog.db.db']
  const files = names.map((name) =>
    tokenFileFor({ database: { dialect: 'sqlite', file: join('data', name) } }),
  )
  t.same(files, [
    join('data', 'moderator-token'),
    join('data', 'blog.moderator-token'),
    join('data', 'blog-moderator-token'),
    join('data', 'blog.sqlite-moderator-token'),
    join('data', 'blog.db.moderator-token'),
  ])
  const postgres = { dialect: 'postgres', urls: ['postgres://db/imprimatur'] } as const
  t.equal(tokenFileFor({ database: postgres }), join('data', 'postgres.moderator-token'))
})

t.test('a secret that never became valid leaves nothing', async (t) => {
  const folder = t.testdir()
  await (await writeSecret(join(folder, 'moderator-token'), 'secret')).discard()
  t.same(readdirSync(folder), [])
})

t.test('a draft left by a start that was killed is in the way of no other', async (t) => {
  const file = join(t.testdir(), 'moderator-token')
  await writeSecret(file, 'killed')
  const second = await writeSecret(file, 'second')
  await second.keep()
  t.equal(readFileSync(file, 'utf8'), 'second\n')
})

t.test('a draft whose token is in force is put in its place, others stay', async (t) => {
  const file = join(t.testdir(), 'moderator-token')
  const store = closedWith(t, await openStore({ dialect: 'sqlite', file: ':memory:' }))
  const wanted = { name: 'moderator', scopes: ['moderate'] as const, expiresAtMs: null }
  const created = await createToken({ store, clock: Date.now, newId: uuidv7 }, wanted)
  const secret = created.kind === 'created' ? created.secret : ''
  writeFileSync(`${file}.${randomUUID()}`, 'imt_never-valid\n')
  await keepDraftInForce(store, file)
  t.notOk(existsSync(file))

  const published = await writeSecret(file, secret)
  await keepDraftInForce(store, file)
  t.equal(readFileSync(file, 'utf8'), `${secret}\n`)
  await t.resolves(published.keep(), 'the start that wrote it finds it in its place')
  t.equal(readFileSync(file, 'utf8'), `${secret}\n`)

  await store.revokeToken('moderator', Date.now())
  writeFileSync(file, 'another\n')
  writeFileSync(`${file}.${randomUUID()}`, `${secret}\n`)
  await keepDraftInForce(store, file)
  t.equal(readFileSync(file, 'utf8'), 'another\n')
})

t.test('a file opens a database only where the secret in it is in force there', async (t) => {
  const folder = t.testdir()
  const file = join(folder, 'moderator-token')
  const store = closedWith(t, await openStore({ dialect: 'sqlite', file: ':memory:' }))
  const wanted = { name: 'moderator', scopes: ['moderate'] as const, expiresAtMs: null }
  const created = await createToken({ store, clock: Date.now, newId: uuidv7 }, wanted)
  t.equal(await opens(file, store), false, 'no file')
  t.equal(await opens(folder, store), false, 'a folder')
  writeFileSync(file, 'imt_of-another-database\n')
  t.equal(await opens(file, store), false)
  writeFileSync(file, `${created.kind === 'created' ? created.secret : ''}\n`)
  t.equal(await opens(file, store), true)
  await store.revokeToken('moderator', Date.now())
  t.equal(await opens(file, store), false)
})

t.test('what the system refuses is told in a sentence that names the file', async (t) => {
  const folder = t.testdir()
  const told = (file: string) => ({
    name: 'Error',
    lines: [new RegExp(`^The file of the first moderator's token, ${file}.*, cannot be used: E[A-Z]+: `)],
  })
  const file = join(folder, 'moderator-token')
  mkdirSync(file)
  const published = await writeSecret(file, 'secret')
  await t.rejects(published.keep(), told(file))
  await published.discard()
  t.same(readdirSync(folder), ['moderator-token'], 'nothing else is left')

  const nowhere = join(folder, 'nowhere', 'moderator-token')
  await t.rejects(writeSecret(nowhere, 'secret'), told(nowhere))
  const store = closedWith(t, await openStore({ dialect: 'sqlite', file: ':memory:' }))
  await t.rejects(keepDraftInForce(store, nowhere), told(nowhere))
  mkdirSync(`${file}.${randomUUID()}`)
  await t.rejects(keepDraftInForce(store, file), told(file))
})

t.test('a secret whose draft has gone is not kept, unless another start put it in its place', async (t) => {
  const folder = t.testdir()
  const file = join(folder, 'moderator-token')
  const gone = await writeSecret(file, 'gone')
  for (const name of readdirSync(folder)) rmSync(join(folder, name))
  await t.rejects(gone.keep(), { message: /moderator-token, cannot be used: ENOENT/ })
  writeFileSync(file, 'another\n')
  await t.rejects(gone.keep(), { message: /its draft has disappeared\.$/ })
  writeFileSync(file, 'gone\n')
  await t.resolves(gone.keep())
})

t.test('what else lies beside the file is left alone', async (t) => {
  const folder = t.testdir({ 'moderator-token.old': {} })
  const store = closedWith(t, await openStore({ dialect: 'sqlite', file: ':memory:' }))
  await keepDraftInForce(store, join(folder, 'moderator-token'))
  t.same(readdirSync(folder), ['moderator-token.old'])
})

t.test('a draft that another start moves meanwhile is skipped', async (t) => {
  const folder = t.testdir()
  const file = join(folder, 'moderator-token')
  const opened = closedWith(t, await openStore({ dialect: 'sqlite', file: ':memory:' }))
  const wanted = { name: 'moderator', scopes: ['moderate'] as const, expiresAtMs: null }
  const created = await createToken({ store: opened, clock: Date.now, newId: uuidv7 }, wanted)
  const secret = created.kind === 'created' ? created.secret : ''
  for (let draft = 0; draft < 3; draft++) await writeSecret(file, secret)
  const store = {
    /** The other start is done by the time that the first draft was looked up. */
    findTokenByHash: async (hash: string) => {
      for (const name of readdirSync(folder)) renameSync(join(folder, name), file)
      return opened.findTokenByHash(hash)
    },
  }
  await keepDraftInForce(store, file)
  t.same(readdirSync(folder), ['moderator-token'])
  t.equal(readFileSync(file, 'utf8'), `${secret}\n`)
})
