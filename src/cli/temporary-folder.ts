import { tmpdir } from 'node:os'

/** For files without a name: where SQLite puts its own, if somebody says so. */
export function temporaryFolder(env: Readonly<Record<string, string | undefined>>): string {
  return env['SQLITE_TMPDIR'] ?? tmpdir()
}
