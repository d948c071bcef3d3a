import { type Place, SourceFault } from '../source-fault.ts'

/** Where in a text one is, told by what has gone by. */
export type Position = { pass: (text: string) => void; at: () => Place }

export function positionFrom(line = 1, column = 1): Position {
  const place = { line, column }
  return {
    pass(text) {
      let start = 0
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', start)) {
        place.line += 1
        place.column = 1
        start = at + 1
      }
      place.column += text.length - start
    },
    at: () => ({ ...place }),
  }
}

/**
 * The text of a file, by its byte order mark, by what an XML file says of itself, or as UTF-8.
 *
 * @throws SourceFault where a byte cannot be read so; nothing is put in its place.
 */
export async function* decoded(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const position = positionFrom()
  let decoder: TextDecoder | null = null
  let start: Buffer = Buffer.alloc(0)
  const decode = (bytes: Buffer): string => {
    decoder ??= decoderFor(bytes)
    const text = decodeOr(decoder, bytes, () => position.at())
    position.pass(text)
    return text
  }
  for await (const piece of pieces) {
    start = Buffer.concat([start, piece])
    if (decoder === null && start.length < declarationBytes) continue
    yield decode(start)
    start = Buffer.alloc(0)
  }
  yield decode(start)
  yield decodeOr(decoder ?? decoderFor(start), null, () => position.at())
}

/** For a look at how a file begins; what is torn or wrong is U+FFFD, and an unknown encoding UTF-8: who reads on tells of it. */
export function decodedLoosely(bytes: Buffer): string {
  try {
    return new TextDecoder(encodingOf(bytes)).decode(bytes, { stream: true })
  } catch {
    return bytes.toString('utf8')
  }
}

/** An XML declaration with an encoding fits. */
const declarationBytes = 256

function decoderFor(start: Buffer): TextDecoder {
  try {
    return new TextDecoder(encodingOf(start), { fatal: true })
  } catch {
    throw new SourceFault(
      'It says that it is in an encoding that is not known here. Convert it to UTF-8 first.',
    )
  }
}

/** XML 1.0, appendix F, and RFC 4627, section 3. A file that begins with a two-byte `<?`, `[` or `{` cannot say otherwise. */
function encodingOf(start: Buffer): string {
  const hex = start.subarray(0, 4).toString('hex')
  if (hex.startsWith('efbbbf')) return 'utf-8'
  if (hex.startsWith('fffe') || hex === '3c003f00' || /^[57]b00/.test(hex)) return 'utf-16le'
  if (hex.startsWith('feff') || hex === '003c003f' || /^00[57]b/.test(hex)) return 'utf-16be'
  const declared = /^\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(
    start.subarray(0, declarationBytes).toString('latin1'),
  )?.[1]
  // What can be read so far is in one byte a character.
  return declared === undefined || /^utf-?16/i.test(declared) ? 'utf-8' : declared
}

/** `bytes` is `null` at the end, where half a character may be left. */
function decodeOr(decoder: TextDecoder, bytes: Buffer | null, at: () => Place): string {
  try {
    return decoder.decode(bytes ?? undefined, { stream: bytes !== null })
  } catch {
    // Which byte it was is found by reading once more; what begins the piece may be the rest of a character.
    const loose = new TextDecoder(decoder.encoding).decode(bytes ?? undefined)
    const wrong = loose.indexOf('\ufffd', Math.max(0, loose.search(/[^\ufffd]/)))
    const { line, column } = at()
    const position = positionFrom(line, column)
    position.pass(loose.slice(0, Math.max(0, wrong)))
    throw new SourceFault(
      `It is no text in ${decoder.encoding.toUpperCase()}. Where it is in another encoding, convert it first (iconv -f WINDOWS-1252 -t UTF-8).`,
      position.at(),
    )
  }
}
