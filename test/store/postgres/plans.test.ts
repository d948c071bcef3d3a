import { Client } from 'pg'
import t from 'tap'
import { someComment } from '../../support/comments.ts'
import { preparedDatabase } from '../../support/postgres.ts'
import { migrated, postgresStoreAt } from '../../support/store.ts'
import { until } from '../../support/until.ts'

const submissions = 200

t.test('what a submission costs does not grow with the records that are kept', async (t) => {
  const url = await preparedDatabase(t, migrated)
  const client = new Client(url)
  await client.connect()
  t.teardown(() => client.end())
  // From here on the server takes the tables for empty, which is when a plan that reads all of them looks cheap.
  await client.query('VACUUM (ANALYZE)')

  const store = await postgresStoreAt(url)
  for (let number = 0; number < submissions; number++) {
    const comment = someComment()
    const idempotency = {
      ...{ keyHash: `key-${number}`, salt: 'salt', fingerprint: 'fingerprint', language: 'en' },
      ...{ commentId: comment.id, expiresAtMs: comment.submittedAtMs + 60_000 },
    } as const
    const outcome = await store.submit({ comment, idempotency, maxPending: 0 })
    if (outcome.kind !== 'committed') throw new Error(outcome.kind)
  }
  await store.close()

  const read = await until(async () => {
    const { rows } = await client.query(
      `SELECT n_tup_ins::int AS added, seq_tup_read::int AS read FROM pg_stat_user_tables
        WHERE relname = 'idempotency_records'`,
    )
    return rows[0].added === submissions ? rows[0].read : undefined
  })
  t.ok(read <= submissions, `${read} records were read beside the index`)
})
