import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

const isRoot = process.getuid?.() === 0

/**
 * How to start what may make no file longer than so many KiB (RLIMIT_FSIZE). Never with tap's hooks: they take the signal that
 * goes with it, which Node ignores, for the end.
 */
export function limitedTo(kib: number): readonly string[] {
  return ['bash', '-c', `ulimit -f ${kib}; unset NODE_OPTIONS NODE_V8_COVERAGE; exec "$0" "$@"`]
}

/** How to start what obeys the modes of files, which root does not. */
export function obeyingModes(): readonly string[] {
  return isRoot ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : []
}

/** A disk of 2 MiB, or of so many, unmounted with the test. */
export function smallDisk(t: Test, mebibytes = 2): string {
  const folder = mkdtempSync(join(tmpdir(), 'imprimatur-small-disk-'))
  asRoot('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=1777`, 'tmpfs', folder)
  t.teardown(() => {
    asRoot('umount', '--lazy', folder)
    rmdirSync(folder)
  })
  return folder
}

export function fill(file: string): void {
  const handle = openSync(file, 'w')
  try {
    for (;;) writeSync(handle, Buffer.alloc(4_096))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(handle)
  }
}

export function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'imprimatur-may-mount-'))
  try {
    asRoot('mount', '-t', 'tmpfs', 'tmpfs', folder)
    asRoot('umount', folder)
    return true
  } catch {
    return false
  } finally {
    rmdirSync(folder)
  }
}

/** Also for who has it open already: not every file system means that. */
export function canMakeImmutable(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'imprimatur-may-be-immutable-'))
  const file = join(folder, 'probe')
  const handle = openSync(file, 'w')
  try {
    asRoot('chattr', '+i', file)
    const refuses = !canWrite(handle)
    asRoot('chattr', '-i', file)
    return refuses
  } catch {
    return false
  } finally {
    closeSync(handle)
    rmSync(folder, { recursive: true })
  }
}

function canWrite(handle: number): boolean {
  try {
    return writeSync(handle, 'probe') > 0
  } catch {
    return false
  }
}

export function asRoot(...command: readonly string[]): void {
  const [file = '', ...args] = isRoot ? command : ['sudo', '-n', ...command]
  execFileSync(file, args, { stdio: 'pipe' })
}
