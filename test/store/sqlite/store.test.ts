import { openStore } from '../../../src/store/open-store.ts'
import { closedWith, emptyFile, storeInMemory } from '../../support/store.ts'
import { storeContract, writerContract } from '../contract/index.ts'

storeContract('SQLite in a file', async (t) =>
  closedWith(t, await openStore({ dialect: 'sqlite', file: emptyFile(t) })),
)

// It is read by the same code, and has no thread that writes. With `WHOLE=1`, as in `npm run test:long`, it is held to all.
const inMemory = process.env['WHOLE'] === '1' ? storeContract : writerContract
inMemory('SQLite in memory', async (t) => closedWith(t, storeInMemory()))
