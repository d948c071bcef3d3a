import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** The desk, as it was bundled: `scripts/build-desk.ts` writes the folder. */
const folder = new URL('../../../../desk/', import.meta.url)

const mediaTypes = {
  'index.html': 'text/html; charset=utf-8',
  'desk.js': 'text/javascript; charset=utf-8',
  'desk.css': 'text/css; charset=utf-8',
} as const

export type DeskFile = { mediaType: string; body: Buffer; gzipped: Buffer }

let known: ReadonlyMap<string, DeskFile> | undefined

/** The files by their names, read when the first of them is asked for. */
export function deskFiles(): ReadonlyMap<string, DeskFile> {
  known ??= new Map(
    Object.entries(mediaTypes).map(([name, mediaType]) => {
      const body = readFileSync(new URL(name, folder))
      return [name, { mediaType, body, gzipped: gzipSync(body, { level: 9 }) }]
    }),
  )
  return known
}
