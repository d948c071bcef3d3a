import t from 'tap'
import { spawnParts } from '../support/files.ts'
import { filesOfUnits, pathsOf } from '../support/groups.ts'
import { startServer } from '../support/postgres.ts'

/* All other tests that need no process for themselves, on one PostgreSQL. */

spawnParts(t, 'units', {
  files: pathsOf(filesOfUnits),
  parts: { counted: 3, others: 2 },
  // They take longest of all: everything else is over before one after the other would be.
  atOnce: 2,
  env: { TEST_DATABASE_URL: process.env['TEST_DATABASE_URL'] ?? (await startServer()).url() },
})
