/* The writer's thread: the second entry of the process, after main.ts, so it too has effects on import. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Command } from './commands.ts'
import { openDatabase } from './database.ts'
import { groupRunner } from './group.ts'

const { file } = workerData as { file: string }
const database = openDatabase(file)
const runGroup = groupRunner(database)

parentPort?.on('message', (message: Command[] | 'close') => {
  if (message === 'close') {
    database.close()
    parentPort?.close()
  } else {
    parentPort?.postMessage(runGroup(message))
  }
})
