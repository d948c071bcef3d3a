import { createRequire } from 'node:module'

/* By the CommonJS build, as ../drizzle.ts explains. */
const require = createRequire(import.meta.url)
const core: typeof import('drizzle-orm/pg-core') = require('drizzle-orm/pg-core')
const driver: typeof import('drizzle-orm/node-postgres') = require('drizzle-orm/node-postgres')

export const {
  alias,
  bigint,
  check,
  customType,
  index,
  integer,
  PgDialect,
  pgTable,
  primaryKey,
  text,
  unionAll,
  uniqueIndex,
} = core
export const { drizzle } = driver
