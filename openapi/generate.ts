import { writeFileSync } from 'node:fs'
import { routes } from '../src/http/routes/index.ts'
import { recordSession } from './record-session.ts'

/* `npm run openapi`: writes the session that gives the examples, and the document, which is committed and served. */
write('session.json', await recordSession(routes))
// Not before: it reads the session.
const { openapiDocument } = await import('./document.ts')
write('openapi.json', openapiDocument())

function write(name: string, value: unknown): void {
  writeFileSync(new URL(name, import.meta.url), `${JSON.stringify(value, null, 2)}\n`)
}
