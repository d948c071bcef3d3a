import { type Column, getTableName, type Table } from 'drizzle-orm'
import t, { type Test } from 'tap'
import type { Token } from '../../src/domain/tokens/token.ts'
import * as postgres from '../../src/store/postgres/schema.ts'
import { commentToRow } from '../../src/store/rows.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { migrate } from '../../src/store/sqlite/migrate.ts'
import * as sqlite from '../../src/store/sqlite/schema.ts'
import { someComment } from '../support/comments.ts'
import { ask, preparedDatabase } from '../support/postgres.ts'
import { migrated } from '../support/store.ts'

/* Both databases are migrated, then asked what they are: the same, but for what is named here. */

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

type SqliteTable = keyof typeof sqlite

/** Does not compile where the two schemas infer different rows of a table, to read or to write. */
const sameRows: {
  [Name in SqliteTable]: Equal<
    [(typeof sqlite)[Name]['$inferSelect'], (typeof sqlite)[Name]['$inferInsert']],
    [(typeof postgres)[Name]['$inferSelect'], (typeof postgres)[Name]['$inferInsert']]
  >
} = {
  articles: true,
  claims: true,
  comments: true,
  decisions: true,
  idempotencyRecords: true,
  leases: true,
  searchBlocks: true,
  searchIds: true,
  searchLate: true,
  searchSegments: true,
  searchState: true,
  totals: true,
  tokens: true,
}

/** The tables that PostgreSQL alone has. SQLite has one process, which counts requests in memory. */
const postgresAlone: { [Name in Exclude<keyof typeof postgres, SqliteTable>]: string } = {
  requestCounts: 'request_counts',
}

/** Types by what they hold. */
const families: Record<string, string> = {
  text: 'text',
  integer: 'a whole number',
  bigint: 'a whole number',
}

const actions: Record<string, string> = { a: 'no action' }

t.test('both schemas have the same tables, but for the counts that replicas share', async (t) => {
  t.same(Object.keys(sqlite).sort(), Object.keys(sameRows).sort())
  t.same(Object.keys(postgres).sort(), [...Object.keys(sameRows), ...Object.keys(postgresAlone)].sort())
  const [onSqlite, onPostgres] = [await describeSqlite(t), await describePostgres(t)]
  t.same(
    onSqlite.map(({ name }) => name),
    Object.values(sqlite)
      .map((table) => getTableName(table))
      .sort(),
  )
  t.same(
    onPostgres.map(({ name }) => name),
    [...onSqlite.map(({ name }) => name), ...Object.values(postgresAlone)].sort(),
  )
})

t.test('both databases have the same columns, keys, indexes and conditions', async (t) => {
  const [onSqlite, onPostgres] = [await describeSqlite(t), await describePostgres(t)]
  for (const table of onSqlite) {
    const twin = onPostgres.find(({ name }) => name === table.name)
    t.same(twin?.columns, table.columns, `the columns of ${table.name}`)
    t.same(twin?.primaryKey, table.primaryKey, `the primary key of ${table.name}`)
    t.same(twin?.foreignKeys, table.foreignKeys, `the foreign keys of ${table.name}`)
    t.same(twin?.checks, table.checks, `the conditions of ${table.name}`)
    t.same(twin?.indexes.map(keysAlone), table.indexes.map(keysAlone), `the indexes of ${table.name}`)
  }
  t.ok(onSqlite.some(({ checks }) => checks.length > 0))
  t.ok(onSqlite.some(({ indexes }) => indexes.some(({ unique, where }) => unique && where !== null)))
})

t.test('the rows that one database refuses, the other refuses', async (t) => {
  const database = openDatabase(':memory:')
  t.teardown(() => database.close())
  migrate(database)
  const url = await preparedDatabase(t, migrated)
  const taken = { sqlite: 0, postgres: 0 }
  const refusedBy = async (statement: string) => {
    const refused = { sqlite: false, postgres: false }
    try {
      database.exec(statement)
      taken.sqlite += 1
    } catch {
      refused.sqlite = true
    }
    await ask(url, statement).then(
      () => {
        taken.postgres += 1
      },
      () => {
        refused.postgres = true
      },
    )
    return refused
  }
  await refusedBy("INSERT INTO articles (article_id, approved_count, revision) VALUES ('a', 0, 0)")
  const statements = ['pending', 'approved', 'rejected', 'withdrawn', 'Pending', ''].flatMap((status) =>
    [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => {
      const part = (bit: number) => ((bits & bit) === 0 ? 'NULL' : "'x'")
      return `INSERT INTO comments VALUES ('${status}${bits}', 'a', NULL, '${status}', 1, ${part(1)}, ${part(2)}, ${part(4)}, 1, NULL, 'h', NULL, NULL)`
    }),
  )
  const more = [
    ...['approve', 'reject', 'reopen', 'withdraw', 'erase', 'note', 'Approve', ''].map(
      (action, index) =>
        `INSERT INTO decisions VALUES ('pending7', ${index}, 'id', '${action}', NULL, NULL, NULL, 1, NULL, NULL, NULL, ${index})`,
    ),
    "INSERT INTO decisions VALUES ('pending3', 0, 'id', 'approve', NULL, NULL, NULL, 1, NULL, NULL, NULL, 0)",
    "INSERT INTO decisions VALUES ('nobody', 0, 'id', 'approve', NULL, NULL, NULL, 1, NULL, NULL, NULL, 99)",
    "INSERT INTO comments VALUES ('b', 'nowhere', NULL, 'pending', 1, 'x', 'x', 'x', 1, NULL, 'h', NULL, NULL)",
    "INSERT INTO comments VALUES ('c', 'a', 'nobody', 'pending', 1, 'x', 'x', 'x', 1, NULL, 'h', NULL, NULL)",
    "INSERT INTO idempotency_records VALUES ('k', 's', 'f', 'nobody', 'en', 1)",
    "INSERT INTO tokens VALUES ('1', 'marie', 'moderate', 'h1', 1, NULL, NULL, NULL)",
    "INSERT INTO tokens VALUES ('2', 'marie', 'moderate', 'h2', 1, NULL, NULL, NULL)",
    "INSERT INTO tokens VALUES ('3', 'marie', 'moderate', 'h3', 1, NULL, NULL, 5)",
    "INSERT INTO tokens VALUES ('4', 'marie', 'moderate', 'h4', 1, NULL, NULL, 5)",
    "INSERT INTO tokens VALUES ('5', 'Marie', 'moderate', 'h1', 1, NULL, NULL, NULL)",
    "INSERT INTO tokens VALUES ('6', NULL, 'moderate', 'h6', 1, NULL, NULL, NULL)",
    "INSERT INTO articles (article_id, approved_count, revision) VALUES ('b', 'many', 0)",
    "DELETE FROM articles WHERE article_id = 'a'",
    "INSERT INTO totals VALUES ('pending', 0)",
  ]
  for (const statement of [...statements, ...more]) {
    const { sqlite, postgres } = await refusedBy(statement)
    t.equal(postgres, sqlite, statement)
  }
  // The article; each of three states with all its parts or but for the address, the withdrawn one with none; and of the
  // others what is right.
  t.same(taken, { sqlite: 1 + 7 + 6 + 1 + 3, postgres: 1 + 7 + 6 + 1 + 3 })
})

t.test(
  'what is looked up, joined or put in order is told apart byte by byte on PostgreSQL, too',
  async (t) => {
    const rows = await ask(
      await preparedDatabase(t, migrated),
      `SELECT DISTINCT table_name || '.' || column_name AS name, collation_name AS collation
      FROM information_schema.columns
      JOIN pg_index ON indrelid = table_name::regclass
      JOIN pg_attribute ON attrelid = indexrelid AND attname = column_name
      WHERE table_schema = 'public' AND data_type = 'text' ORDER BY 1`,
    )
    const others = rows.filter(({ collation }) => collation !== 'C')
    t.ok(rows.length > 10)
    t.same(
      others.map(({ name }) => name),
      ['comments.status'],
      'one of four words is only ever compared with one of them',
    )
  },
)

t.test('the counts that replicas share need not outlive a crash', async (t) => {
  const rows = await ask(
    await preparedDatabase(t, migrated),
    "SELECT relname AS name FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r'",
  )
  t.same(rows, [{ name: 'request_counts' }])
})

t.test('a row of the domain has the columns of both tables', async (t) => {
  const token: Token = {
    id: '1',
    name: 'marie',
    scopes: ['moderate'],
    hash: 'hash',
    createdAtMs: 1,
    expiresAtMs: null,
    lastUsedAtMs: null,
    revokedAtMs: null,
  }
  for (const { comments, tokens } of [sqlite, postgres]) {
    // And what the store alone knows of it.
    const names = [...Object.keys(commentToRow(someComment())), 'publishedRevision']
    t.same(columnsOf(comments), names.sort())
    t.same(columnsOf(tokens), Object.keys(token).sort())
  }
})

type Described = {
  name: string
  /** In their order. */
  columns: { name: string; type: string; nullable: boolean; hasDefault: boolean }[]
  primaryKey: string[]
  indexes: Index[]
  foreignKeys: { columns: string; table: string; parents: string; onDelete: string; onUpdate: string }[]
  checks: string[]
}

type Index = { name: string; columns: string[]; unique: boolean; where: string | null }

/**
 * SQLite's index of approved comments holds all that a list shows; in PostgreSQL's a long text would be refused, so it holds
 * the keys alone.
 */
function keysAlone(index: Index): Index {
  return index.name === 'comments_public' ? { ...index, columns: index.columns.slice(0, 2) } : index
}

async function describeSqlite(t: Test): Promise<Described[]> {
  const database = openDatabase(':memory:')
  t.teardown(() => database.close())
  migrate(database)
  const all = <T>(text: string, ...values: unknown[]) => database.prepare<unknown[], T>(text).all(...values)
  const tables = all<{ name: string; sql: string }>(
    `SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '%drizzle%'
      ORDER BY name`,
  )
  return tables.map(({ name, sql }) => {
    const columns = all<{ name: string; type: string; notnull: number; dflt_value: unknown; pk: number }>(
      'SELECT * FROM pragma_table_info(?)',
      name,
    )
    const indexes = all<{ name: string; unique: number }>(
      `SELECT name, "unique" FROM pragma_index_list(?) WHERE origin = 'c' ORDER BY name`,
      name,
    )
    return {
      name,
      columns: columns.map((column) => ({
        name: column.name,
        type: families[column.type.toLowerCase()] ?? column.type,
        nullable: column.notnull === 0,
        hasDefault: column.dflt_value !== null,
      })),
      primaryKey: columns
        .filter(({ pk }) => pk > 0)
        .sort((one, other) => one.pk - other.pk)
        .map(({ name }) => name),
      indexes: indexes.map((index) => {
        const [made] = all<{ sql: string }>('SELECT sql FROM sqlite_master WHERE name = ?', index.name)
        return {
          name: index.name,
          columns: all<{ name: string; desc: number }>(
            'SELECT name, "desc" FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno',
            index.name,
          ).map(({ name, desc }) => (desc === 1 ? `${name} DESC` : name)),
          unique: index.unique === 1,
          where: plain(/ WHERE (.*)$/s.exec(made?.sql ?? '')?.[1]),
        }
      }),
      foreignKeys: all<Described['foreignKeys'][number]>(
        `SELECT group_concat("from") AS columns, "table", group_concat("to") AS parents,
          lower(on_delete) AS onDelete, lower(on_update) AS onUpdate
          FROM pragma_foreign_key_list(?) GROUP BY id ORDER BY 1`,
        name,
      ),
      checks: Array.from(sql.matchAll(/CONSTRAINT "(\w+)" CHECK/g), ([, check = '']) => check).sort(),
    }
  })
}

async function describePostgres(t: Test): Promise<Described[]> {
  const url = await preparedDatabase(t, migrated)
  const rows = await ask(
    url,
    `SELECT relname AS name,
      (SELECT jsonb_agg(jsonb_build_object('name', attname, 'type', format_type(atttypid, atttypmod),
          'nullable', NOT attnotnull, 'hasDefault', atthasdef) ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped) AS columns,
      (SELECT jsonb_agg(attname ORDER BY place) FROM pg_constraint, unnest(conkey) WITH ORDINALITY AS key (number, place)
        JOIN pg_attribute ON attnum = number
        WHERE contype = 'p' AND conrelid = pg_class.oid AND attrelid = pg_class.oid) AS "primaryKey",
      (SELECT jsonb_agg(jsonb_build_object('name', indexrelid::regclass::text, 'unique', indisunique,
          'where', pg_get_expr(indpred, indrelid),
          'columns', (SELECT jsonb_agg(replace(pg_get_indexdef(indexrelid, n, true), '"', '') || CASE WHEN indoption[n - 1] & 1 = 1
              THEN ' DESC' ELSE '' END ORDER BY n) FROM generate_series(1, indnatts) n)) ORDER BY indexrelid::regclass::text)
        FROM pg_index WHERE indrelid = pg_class.oid
          AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))) AS indexes,
      (SELECT jsonb_agg(jsonb_build_object(
          'columns', (SELECT string_agg(attname, ',') FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey)),
          'table', confrelid::regclass::text,
          'parents', (SELECT string_agg(attname, ',') FROM pg_attribute WHERE attrelid = confrelid AND attnum = ANY (confkey)),
          'onDelete', confdeltype, 'onUpdate', confupdtype))
        FROM pg_constraint WHERE contype = 'f' AND conrelid = pg_class.oid) AS "foreignKeys",
      (SELECT jsonb_agg(conname ORDER BY conname) FROM pg_constraint
        WHERE contype = 'c' AND conrelid = pg_class.oid) AS checks
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT LIKE '%drizzle%'
    ORDER BY relname COLLATE "C"`,
  )
  return (rows as (Described & { [K in keyof Described]: Described[K] | null })[]).map((table) => ({
    name: table.name,
    columns: table.columns.map((column) => ({ ...column, type: families[column.type] ?? column.type })),
    primaryKey: table.primaryKey,
    indexes: (table.indexes ?? []).map((index) => ({ ...index, where: plain(index.where) })),
    foreignKeys: (table.foreignKeys ?? []).map((key) => ({
      ...key,
      onDelete: actions[key.onDelete] ?? key.onDelete,
      onUpdate: actions[key.onUpdate] ?? key.onUpdate,
    })),
    checks: table.checks ?? [],
  }))
}

/** A condition without the parentheses and casts that PostgreSQL adds. */
function plain(condition: string | null | undefined): string | null {
  return condition?.replaceAll(/::text|[()]/g, '') ?? null
}

function columnsOf(table: Table): string[] {
  return Object.entries(table)
    .filter((entry): entry is [string, Column] => typeof entry[1] === 'object' && 'columnType' in entry[1])
    .map(([name]) => name)
    .sort()
}
