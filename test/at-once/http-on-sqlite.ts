import t from 'tap'
import { spawnParts } from '../support/files.ts'
import { filesOfHttp, pathsOf } from '../support/groups.ts'

/* The tests of test/http, but for those that have a process for themselves. */

spawnParts(t, 'test/http', { files: pathsOf(filesOfHttp), parts: { counted: 2, others: 2 }, env: {} })
