import { readFileSync } from 'node:fs'
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

/** An answer as any client has it: header names in lower case. */
export type ReceivedAnswer = {
  method: string
  /** Path and query. */
  url: string
  status: number
  headers: Readonly<Record<string, string | number | string[] | undefined>>
  body: string
}

type Header = { schema: object; required?: boolean }
type Response = { headers?: Record<string, Header>; content?: Record<string, { schema: object }> }
type Operation = { operationId: string; responses: Record<string, Response> }
export type Document = { paths: Record<string, Record<string, Operation>> }

export const document = JSON.parse(
  readFileSync(new URL('../openapi/openapi.json', import.meta.url), 'utf8'),
) as Document

const ajv = new Ajv({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addSchema(document, 'document')

/**
 * Throws where an answer is not what the document says: its status, its media type, its body, its headers; and, for a
 * path or a method that the document does not have, where it is no 404, 405, 429 or an OPTIONS' 204.
 */
export function checkAnswer(answer: ReceivedAnswer): void {
  const found = findOperation(answer)
  const complain = (what: string): never => {
    throw new Error(`${answer.method} ${answer.url} answered ${answer.status}: ${what}`)
  }
  if (found === null) {
    if (answer.status === 204 && answer.method === 'OPTIONS') return
    if (![400, 404, 405, 429].includes(answer.status)) complain('the document has no such operation')
    const problem = schemaAt('#/components/schemas/Problem')
    if (!problem(JSON.parse(answer.body))) complain(ajv.errorsText(problem.errors))
    return
  }

  const { pointer, operation } = found
  const response =
    operation.responses[answer.status] ?? complain(`${operation.operationId} does not document this status`)
  for (const [name, { schema, required = false }] of Object.entries(response.headers ?? {})) {
    const value = answer.headers[name.toLowerCase()]
    if (value === undefined && required) complain(`the header ${name} is missing`)
    if (value === undefined) continue
    const validate = ajv.compile(schema)
    const typed = 'type' in schema && schema.type === 'integer' ? Number(value) : String(value)
    if (!validate(typed)) complain(`header ${name}: ${ajv.errorsText(validate.errors)}`)
  }

  const mediaType = String(answer.headers['content-type'] ?? '').replace(/;.*$/, '')
  if (response.content === undefined || answer.method === 'HEAD') {
    if (answer.body !== '') complain('there must be no body')
    return
  }
  if (!(mediaType in response.content)) complain(`the media type ${mediaType} is not documented`)
  if (!answer.body.endsWith('\n')) complain('the body does not end in a newline')
  const path = `responses/${answer.status}/content/${escapePointer(mediaType)}/schema`
  const validate = schemaAt(`${pointer}/${path}`)
  const body: unknown = mediaType.endsWith('json') ? JSON.parse(answer.body) : answer.body
  if (!validate(body)) complain(ajv.errorsText(validate.errors))
}

function findOperation({ method, url }: ReceivedAnswer): { pointer: string; operation: Operation } | null {
  const path = url.replace(/\?.*$/s, '')
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase()
  for (const [template, item] of Object.entries(document.paths)) {
    const operation = item[verb]
    if (operation !== undefined && matches(template, path)) {
      return { pointer: `#/paths/${escapePointer(template)}/${verb}`, operation }
    }
  }
  return null
}

function matches(template: string, path: string): boolean {
  const parts = template.split('/')
  const given = path.split('/')
  return (
    parts.length === given.length &&
    parts.every((part, index) => (part.startsWith('{') ? given[index] !== '' : part === given[index]))
  )
}

function schemaAt(pointer: string) {
  return ajv.getSchema(`document${pointer}`) ?? ajv.compile({ $ref: `document${encodeURI(pointer)}` })
}

function escapePointer(text: string): string {
  return text.replaceAll('~', '~0').replaceAll('/', '~1')
}
