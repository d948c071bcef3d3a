import { closedWith, emptyStore } from '../../support/store.ts'
import { storeContract } from '../contract/index.ts'

storeContract('PostgreSQL', async (t) => closedWith(t, await emptyStore(t, 'postgres')))
