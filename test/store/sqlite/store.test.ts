import { join } from 'node:path'
import { openStore } from '../../../src/store/open-store.ts'
import { closedWith } from '../../support/store.ts'
import { storeContract } from '../contract/index.ts'

storeContract('SQLite in memory', async (t) =>
  closedWith(t, await openStore({ dialect: 'sqlite', file: ':memory:' })),
)

storeContract('SQLite in a file', async (t) =>
  closedWith(t, await openStore({ dialect: 'sqlite', file: join(t.testdir(), 'folder', 'imprimatur.db') })),
)
