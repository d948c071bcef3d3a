import { createRequire } from 'node:module'

/*
 * Drizzle by its CommonJS build, loaded in 60 ms. Its ES modules take 400: Node reads the package's long package.json
 * again for each of their hundred files. The service's start, and the writer thread's, would be spent on that.
 */
const require = createRequire(import.meta.url)
const core: typeof import('drizzle-orm') = require('drizzle-orm')
const migrator: typeof import('drizzle-orm/migrator') = require('drizzle-orm/migrator')

export const { and, asc, count, desc, eq, getTableColumns, getTableName, gt, is, isNull, lt } = core
export const { fillPlaceholders, Param, Placeholder, sql } = core
export const { readMigrationFiles } = migrator
