import { openStore } from '../../../src/store/open-store.ts'
import { parsePostgresUrl } from '../../../src/store/postgres-url.ts'
import { freshDatabase } from '../../support/postgres.ts'
import { closedWith } from '../../support/store.ts'
import { storeContract } from '../contract/index.ts'

storeContract('PostgreSQL', async (t) => {
  const parsed = parsePostgresUrl(await freshDatabase(t))
  if (!parsed.ok) throw new Error(parsed.fault)
  return closedWith(t, await openStore(parsed.location))
})
