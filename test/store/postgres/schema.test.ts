import { getTableConfig } from 'drizzle-orm/pg-core'
import t from 'tap'
import * as schema from '../../../src/store/postgres/schema.ts'
import { ask, preparedDatabase } from '../../support/postgres.ts'
import { migrated } from '../../support/store.ts'

t.test('the migrated database is what the schema says, column by column and index by index', async (t) => {
  const url = await preparedDatabase(t, migrated)
  const tables = Object.values(schema).map((table) => getTableConfig(table))
  t.equal(tables.length, 14)
  for (const table of tables) {
    const columns = await ask(
      url,
      `SELECT attname AS name, attnotnull AS required,
          format_type(atttypid, atttypmod) || CASE collname WHEN 'C' THEN ' COLLATE "C"' ELSE '' END AS type
        FROM pg_attribute LEFT JOIN pg_collation ON pg_collation.oid = attcollation
        WHERE attrelid = '${table.name}'::regclass AND attnum > 0 ORDER BY attnum`,
    )
    t.same(
      columns,
      table.columns.map((column) => ({
        name: column.name,
        type: column.getSQLType(),
        required: column.notNull,
      })),
      table.name,
    )
    const indexes = await ask(
      url,
      `SELECT indexrelid::regclass::text AS name FROM pg_index
        WHERE indrelid = '${table.name}'::regclass AND NOT indisprimary ORDER BY 1`,
    )
    t.same(
      indexes.map(({ name }) => name),
      table.indexes.map(({ config }) => config.name).sort(),
      table.name,
    )
    const constraints = await ask(
      url,
      `SELECT conname AS name FROM pg_constraint WHERE conrelid = '${table.name}'::regclass AND contype IN ('c', 'f')
        ORDER BY conname COLLATE "C"`,
    )
    t.same(
      constraints.map(({ name }) => name),
      [...table.checks.map(({ name }) => name), ...table.foreignKeys.map((key) => key.getName())].sort(),
      table.name,
    )
  }
})

t.test('a withdrawn comment cannot keep its text, nor a pending one lose it', async (t) => {
  const url = await preparedDatabase(t, migrated)
  await ask(url, "INSERT INTO articles (article_id, approved_count, revision) VALUES ('a', 0, 0)")
  const insert = (status: string, text: string | null) => {
    const quoted = text === null ? 'NULL' : `'${text}'`
    return ask(
      url,
      `INSERT INTO comments VALUES ('${status}-${text}', 'a', NULL, '${status}', 1, ${quoted}, ${quoted}, ${quoted}, 1, NULL, 'hash', NULL, NULL)`,
    )
  }
  await t.rejects(insert('withdrawn', 'text'), { message: /comments_erased_when_withdrawn/ })
  await t.rejects(insert('pending', null), { message: /comments_erased_when_withdrawn/ })
  await t.rejects(insert('lost', 'text'), { message: /comments_status/ })
  await t.resolves(insert('withdrawn', null))
  await t.resolves(insert('pending', 'text'))
})
