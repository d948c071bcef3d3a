import { closeSync, fsyncSync, openSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Why a command cannot write this file; `null` where nothing stands in its way. The files that it reads, `own`, are never
 * replaced, and another only by `force`. `whose` ends the sentence about them.
 */
export function targetRefusal(
  target: string,
  force: boolean,
  own: readonly string[],
  whose = 'belongs to the database itself',
): string | null {
  const present = found(target)
  if (present === null)
    return found(dirname(target))?.isDirectory() ? null : `There is no folder ${dirname(target)}.`
  if (present.isDirectory()) return `${target} is a folder. Name a file in it.`
  if (own.map(found).some((stats) => stats !== null && same(stats, present))) return `${target} ${whose}.`
  if (!present.isFile()) return `${target} is no plain file.`
  return force ? null : `${target} exists. Choose another name, or replace it with --force.`
}

/** Why a command cannot read this file; `null` where it can. */
export function sourceRefusal(file: string): string | null {
  const stats = found(file)
  if (stats === null) return `There is no file ${file}.`
  if (stats.isDirectory()) return `${file} is a folder. Name a file in it.`
  return stats.isFile() ? null : `${file} is no plain file.`
}

/** The files of a SQLite database. */
export function filesOf(database: string): string[] {
  return [database, `${database}-wal`, `${database}-shm`]
}

export function found(path: string): Stats | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null
}

/** Of a file or of a folder's entries. */
export function sync(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

export function sizeOf(file: string): string {
  return `${(statSync(file).size / 2 ** 20).toFixed(1)} MiB`
}

function same(one: Stats, other: Stats): boolean {
  return one.dev === other.dev && one.ino === other.ino
}
