import { readFileSync } from 'node:fs'

/** The committed document, read once and only when it is asked for. A test holds it against the routes. */
export function openapiDocument(): string {
  document ??= readFileSync(new URL('../../../../openapi/openapi.json', import.meta.url), 'utf8')
  return document
}

let document: string | undefined
