import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/**
 * Puts what `npm ci` has installed in this checkout into another folder with the same lock file, linked instead of unpacked
 * again; `npm run test:long` unpacks it. `false` where it did not, as where the folder is on another disk.
 */
export async function linkInstalled(folder: string): Promise<boolean> {
  if (process.env['INSTALL'] === '1') return false
  return promisify(execFile)('cp', ['-al', join(root, 'node_modules'), folder]).then(
    () => true,
    () => rm(join(folder, 'node_modules'), { recursive: true, force: true }).then(() => false),
  )
}
