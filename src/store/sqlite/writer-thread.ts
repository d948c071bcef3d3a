/* The writer's thread: the second entry of the process, after main.ts, so it too has effects on import. */
import { parentPort, workerData } from 'node:worker_threads'
import { StoreFault } from '../store-fault.ts'
import type { Command } from './commands.ts'
import { identityOf, openAgain } from './database.ts'
import { groupRunner } from './group.ts'
import type { WriterData } from './writer.ts'

const { file, identity, sql } = workerData as WriterData
const database = openAgain(file)
const runGroup = groupRunner(database, sql, checkInPlace)

parentPort?.on('message', (message: Command[] | 'close') => {
  if (message === 'close') {
    database.close()
    parentPort?.close()
  } else {
    parentPort?.postMessage(runGroup(message))
  }
})

function checkInPlace(): void {
  if (identityNow() === identity) return
  throw new StoreFault('STORE_FAILED', 'The database file was moved, removed or replaced while it was open.')
}

function identityNow(): string | null {
  try {
    return identityOf(file)
  } catch {
    return null
  }
}
