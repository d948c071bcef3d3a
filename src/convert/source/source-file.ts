import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { SourceFault } from '../source-fault.ts'

/** A file of another system, unpacked as it is read. */
export type SourceFile = {
  /** For messages: the path, and behind it the name within an archive. */
  name: string
  /** Of the file itself; `null` where it came out of an archive. */
  path: string | null
  /** From its beginning; as often as is asked for. */
  pieces: () => AsyncIterable<Buffer>
}

/** How many bytes of a file its format is told from. */
export const beginningBytes = 65_536

const readAtOnce = 65_536

/**
 * More than this many bytes out of one, once there are many, is no text that people wrote: a file that was made to fill the disk.
 * Comments as they are come to some ten.
 */
const mostUnpacked = 200
const unpackedAnyway = 2 ** 26

/** A plain file, the one in a gzip, or each in a zip archive, told by the first bytes. */
export async function* sourceFilesAt(
  path: string,
  onRead: (bytes: number) => void,
): AsyncGenerator<SourceFile> {
  const start = await firstBytesOf(path)
  if (start.length === 0) throw new SourceFault('It is empty.')
  if (isZip(start)) {
    yield* entriesOf(path, onRead)
    return
  }
  const pieces = () => counted(createReadStream(path, { highWaterMark: readAtOnce }), onRead)
  if (isGzip(start)) yield { name: path, path: null, pieces: () => unzipped(path, pieces()) }
  else yield { name: path, path, pieces }
}

export async function beginningOf(file: SourceFile): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  for await (const piece of file.pieces()) {
    parts.push(piece)
    length += piece.length
    if (length >= beginningBytes) break
  }
  return Buffer.concat(parts).subarray(0, beginningBytes)
}

function isGzip(start: Buffer): boolean {
  return start[0] === 0x1f && start[1] === 0x8b
}

/** Of an archive without files too. */
function isZip(start: Buffer): boolean {
  return start.subarray(0, 2).equals(Buffer.from('PK')) && (start[2] === 3 || start[2] === 5)
}

async function firstBytesOf(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function* counted(
  stream: AsyncIterable<Buffer>,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const piece of stream) {
    onRead(piece.length)
    yield piece
  }
}

async function* unzipped(path: string, packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let packedBytes = 0
  const counting = counted(packed, (bytes) => {
    packedBytes += bytes
  })
  const gunzip = createGunzip({ chunkSize: readAtOnce })
  // What goes wrong is thrown by reading on.
  pipeline(counting, gunzip, () => {})
  yield* bounded(path, gunzip, () => packedBytes)
}

async function* bounded(path: string, stream: Readable, packedBytes: () => number): AsyncGenerator<Buffer> {
  let bytes = 0
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      bytes += piece.length
      if (bytes > unpackedAnyway && bytes > packedBytes() * mostUnpacked)
        throw new SourceFault(`It unpacks to more than ${mostUnpacked} times its size: no export does.`)
      yield piece
    }
  } catch (error) {
    throw explained(path, error)
  } finally {
    stream.destroy()
  }
}

/** What zlib and yauzl say is of the archive, and of nothing in it. What the system says of the file stays what it is. */
function explained(path: string, error: unknown): unknown {
  if (error instanceof SourceFault || !(error instanceof Error)) return error
  const { code } = error as NodeJS.ErrnoException
  if (code === 'Z_BUF_ERROR') return new SourceFault('It is cut off: the compressed data ends too early.')
  if (code?.startsWith('Z_')) return new SourceFault('The compressed data is damaged.')
  if (code !== undefined && 'syscall' in error) return error
  return new SourceFault(
    `The archive cannot be read: ${error.message.replaceAll(path, 'it').replace(/\.+$/, '')}.`,
  )
}

async function* entriesOf(path: string, onRead: (bytes: number) => void): AsyncGenerator<SourceFile> {
  const zip = await openZip(path)
  try {
    const entries: Entry[] = []
    try {
      for await (const entry of zip.eachEntry()) if (isContent(entry.fileName)) entries.push(entry)
    } catch (error) {
      throw explained(path, error)
    }
    if (entries.length === 0) throw new SourceFault('The archive has no file in it.')
    for (const entry of entries.toSorted((one, other) => (one.fileName < other.fileName ? -1 : 1)))
      yield {
        name: `${path}: ${entry.fileName}`,
        path: null,
        pieces: () => entryPieces(path, zip, entry, onRead),
      }
  } finally {
    zip.close()
  }
}

/** What a Mac packs besides, and folders, hold nothing. */
function isContent(name: string): boolean {
  return !name.endsWith('/') && !/(?:^|\/)(?:__MACOSX\/|\.DS_Store$)/.test(name)
}

async function openZip(path: string): Promise<ZipFile> {
  try {
    return await yauzl.openPromise(path, { autoClose: false })
  } catch (error) {
    throw explained(path, error)
  }
}

async function* entryPieces(
  path: string,
  zip: ZipFile,
  entry: Entry,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let stream: Readable
  try {
    if (entry.isEncrypted()) throw new SourceFault('The archive has a password. Unpack it first.')
    stream = await zip.openReadStreamPromise(entry)
  } catch (error) {
    throw explained(path, error)
  }
  // How far the packed bytes are read is not told: by the sizes that the archive itself says, which are checked as it is read.
  const share = entry.uncompressedSize === 0 ? 0 : entry.compressedSize / entry.uncompressedSize
  for await (const piece of bounded(path, stream, () => entry.compressedSize)) {
    onRead(piece.length * share)
    yield piece
  }
}
