import { getTableConfig } from 'drizzle-orm/sqlite-core'
import t from 'tap'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { migrate } from '../../../src/store/sqlite/migrate.ts'
import * as schema from '../../../src/store/sqlite/schema.ts'

t.test('the migrated database is what the schema says, column by column and index by index', async (t) => {
  const database = openDatabase(':memory:')
  t.teardown(() => database.close())
  migrate(database)
  const tables = Object.values(schema).map((table) => getTableConfig(table))
  t.equal(tables.length, 13)
  for (const table of tables) {
    const columns = database
      .prepare('SELECT name, type, "notnull" AS required FROM pragma_table_info(?)')
      .all(table.name)
    t.same(
      columns,
      table.columns.map((column) => ({
        name: column.name,
        type: column.getSQLType().toUpperCase(),
        required: Number(column.notNull),
      })),
      table.name,
    )
    const indexes = database
      .prepare("SELECT name FROM pragma_index_list(?) WHERE origin = 'c' ORDER BY name")
      .pluck()
      .all(table.name)
    t.same(indexes, table.indexes.map(({ config }) => config.name).sort(), table.name)
    const keys = database
      .prepare('SELECT DISTINCT "from" FROM pragma_foreign_key_list(?)')
      .pluck()
      .all(table.name)
    const declared = table.foreignKeys.flatMap((key) => key.reference().columns.map(({ name }) => name))
    t.same(keys.sort(), declared.sort(), table.name)
  }
})

t.test('a withdrawn comment cannot keep its text, nor a pending one lose it', async (t) => {
  const database = openDatabase(':memory:')
  t.teardown(() => database.close())
  migrate(database)
  database.exec("INSERT INTO articles (article_id, approved_count, revision) VALUES ('a', 0, 0)")
  const insert = (status: string, text: string | null) =>
    database
      .prepare('INSERT INTO comments VALUES (?, ?, NULL, ?, 1, ?, ?, ?, 1, NULL, ?, NULL, NULL)')
      .run(`${status}-${text}`, 'a', status, text, text, text, 'hash')
  t.throws(() => insert('withdrawn', 'text'), { message: /comments_erased_when_withdrawn/ })
  t.throws(() => insert('pending', null), { message: /comments_erased_when_withdrawn/ })
  t.throws(() => insert('lost', 'text'), { message: /comments_status/ })
  t.doesNotThrow(() => insert('withdrawn', null))
  t.doesNotThrow(() => insert('pending', 'text'))
})
