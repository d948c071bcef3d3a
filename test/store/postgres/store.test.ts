import { openStore } from '../../../src/store/open-store.ts'
import { closedWith, emptyDatabase } from '../../support/store.ts'
import { locationOf } from '../../support/transfers.ts'
import { storeContract } from '../contract/index.ts'

storeContract('PostgreSQL', async (t) =>
  // With as many connections as a service has: some of what it promises holds for many who ask at once.
  closedWith(t, await openStore(locationOf(await emptyDatabase(t)))),
)
