import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ProblemError } from '../problems.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its body is what a form of HTML sends. */
    takesForm?: boolean
  }
}

export const formMediaType = 'application/x-www-form-urlencoded'

/**
 * Replaces Fastify's parsers by one that takes JSON in UTF-8 and nothing else (where a route takes a form, that and nothing
 * else), except that an empty body is no body whatever its media type: `curl -X POST -d ''` must be as good as `curl -X POST`.
 */
export function addBodyParser(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    if (body.length === 0) return undefined
    const { 'content-type': mediaType, 'content-encoding': encoding } = request.headers
    if (encoding !== undefined && encoding !== 'identity') {
      throw new ProblemError({
        code: 'unsupported-media-type',
        detail: 'The body must not be compressed.',
        headers: { 'accept-encoding': 'identity' },
      })
    }
    if (request.routeOptions.config.takesForm === true) return parseForm(mediaType, body)
    if (mediaType === undefined || !isJson(mediaType)) {
      throw new ProblemError({
        code: 'unsupported-media-type',
        detail: "The body must be JSON in UTF-8: send the header 'Content-Type: application/json'.",
        headers: { accept: 'application/json' },
      })
    }
    return parseJson(body)
  })
}

/** Each name's last value (HTML, section 4.10.21). What is not UTF-8 is refused, as everywhere: a form would keep another text. */
function parseForm(mediaType: string | undefined, body: Buffer): unknown {
  if (mediaType === undefined || !isForm(mediaType)) {
    throw new ProblemError({
      code: 'unsupported-media-type',
      detail: `The body must be a form's in UTF-8: send the header 'Content-Type: ${formMediaType}'.`,
      headers: { accept: formMediaType },
    })
  }
  try {
    const text = utf8.decode(body)
    // What it decodes, URLSearchParams decodes too, and puts U+FFFD in the place of what this throws for.
    for (const part of text.split(/[&=]/)) if (part.includes('%')) decodeURIComponent(strayPercents(part))
    return Object.fromEntries(new URLSearchParams(text))
  } catch {
    throw new ProblemError({
      code: 'invalid-request',
      detail: 'The body is not UTF-8.',
      errors: [{ in: 'body', pointer: '', code: 'bad-encoding', detail: 'must be percent-encoded UTF-8' }],
    })
  }
}

/** A percent sign that encodes nothing stands for itself in a form (WHATWG URL, section 5.1). */
function strayPercents(part: string): string {
  return part.replaceAll(/%(?![0-9a-f]{2})/gi, '%25')
}

/** `application/json` with whatever parameters, of which only `charset` means anything here, and only UTF-8. */
function isJson(mediaType: string): boolean {
  return isInUtf8(/^application\/json[ \t]*(;.*)?$/i.exec(mediaType))
}

/** The same of what a form sends. */
function isForm(mediaType: string): boolean {
  return isInUtf8(/^application\/x-www-form-urlencoded[ \t]*(;.*)?$/i.exec(mediaType))
}

/** Of a media type that was found, with its parameters. */
function isInUtf8(found: RegExpExecArray | null): boolean {
  return (
    found !== null &&
    [...(found[1] ?? '').matchAll(parameter)].every(
      ([, name = '', value = '']) =>
        name.trim().toLowerCase() !== 'charset' || /^"?utf-?8"?$/i.test(value.trim()),
    )
  )
}

/** A quoted value may hold what would otherwise end it (RFC 9110, section 5.6.6). */
const parameter = /;([^;=]*)(?:=[ \t]*("(?:[^"\\]|\\.)*"|[^;]*))?/g

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `__proto__` becomes a property like any other here, and the strict schemas refuse it by its name. */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(body))
  } catch {
    // The parser's own message quotes the body, where a reader's address may stand.
    const detail = 'The body is not valid JSON in UTF-8.'
    throw new ProblemError({
      code: 'invalid-request',
      detail,
      errors: [{ in: 'body', pointer: '', code: 'not-json', detail: 'must be valid JSON in UTF-8' }],
    })
  }
}
