import { createRequire } from 'node:module'

/* By the CommonJS build, as ../drizzle.ts explains. */
const require = createRequire(import.meta.url)
const core: typeof import('drizzle-orm/sqlite-core') = require('drizzle-orm/sqlite-core')
const driver: typeof import('drizzle-orm/better-sqlite3') = require('drizzle-orm/better-sqlite3')

export const { alias, check, index, integer, primaryKey, SQLiteSyncDialect, sqliteTable, text, uniqueIndex } =
  core
export const { drizzle } = driver
