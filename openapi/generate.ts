import { writeFileSync } from 'node:fs'
import { openapiDocument } from './document.ts'

/* `npm run openapi`: writes the document that is committed and served. */
writeFileSync(new URL('./openapi.json', import.meta.url), `${JSON.stringify(openapiDocument(), null, 2)}\n`)
