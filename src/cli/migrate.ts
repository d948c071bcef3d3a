import { type Terminal, withStore } from './terminal.ts'

/** Opening the store migrates it; this command is for operators who want that to be a step of its own. */
export async function migrateDatabase(terminal: Terminal): Promise<void> {
  await withStore(terminal, async () => {}, { mayCreate: true })
  terminal.stderr.write('The database is at this version.\n')
}
