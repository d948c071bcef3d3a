import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { v7 as uuidv7 } from 'uuid'
import { keepDraftInForce, tokenFileFor, writeSecret } from '../../src/cli/token-file.ts'
import { createToken } from '../../src/operations/create-token.ts'
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
  writeFileSync(`${file}.never-valid`, 'imt_never-valid\n')
  await keepDraftInForce(store, file)
  t.notOk(existsSync(file))

  const published = await writeSecret(file, secret)
  await keepDraftInForce(store, file)
  t.equal(readFileSync(file, 'utf8'), `${secret}\n`)
  await t.resolves(published.keep(), 'the start that wrote it finds it in its place')
  t.equal(readFileSync(file, 'utf8'), `${secret}\n`)

  await store.revokeToken('moderator', Date.now())
  writeFileSync(file, 'another\n')
  writeFileSync(`${file}.revoked`, `${secret}\n`)
  await keepDraftInForce(store, file)
  t.equal(readFileSync(file, 'utf8'), 'another\n')
})
