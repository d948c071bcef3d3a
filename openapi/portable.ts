/*
 * What the generator of the document leaves as no tool of ours minds, and others do: put into the form that most of them
 * take. Nothing changes in what the document says.
 */

type Json = { [key: string]: unknown }

/** The document with texts that may be null in one schema, with parameters in full, and what is said often said once. */
export function portable(document: object, sent: (operationId: string) => Record<string, unknown>): object {
  const whole = structuredClone(document) as Json
  visit(whole, joinNull)
  visit(whole, leaveDefaultsOut)
  for (const { operation } of operationsOf(whole)) completeParameters(whole, operation, sent)
  shareHeaders(whole)
  shareProblems(whole)
  return whole
}

function visit(node: unknown, change: (object: Json) => void): void {
  if (typeof node !== 'object' || node === null) return
  for (const [key, part] of Object.entries(node))
    if (key !== 'example' && key !== 'examples') visit(part, change)
  if (!Array.isArray(node)) change(node as Json)
}

/** `anyOf` of something and null makes a class of its own in many generators; a list of types does not. */
function joinNull(schema: Json): void {
  const parts = schema['anyOf']
  if (!Array.isArray(parts) || parts.length !== 2 || parts[1].type !== 'null' || '$ref' in parts[0]) return
  const { type, enum: words, ...rest } = parts[0] as Json
  const { anyOf: _parts, ...own } = schema
  for (const key of Object.keys(schema)) delete schema[key]
  Object.assign(schema, rest, own, {
    type: [type, 'null'],
    ...(Array.isArray(words) && { enum: [...words, null] }),
  })
}

/**
 * Generators make a property with a default one that always is there, in what is sent as well: nobody could leave it out. What
 * is taken in its place stands in its description. Parameters keep theirs.
 */
function leaveDefaultsOut(schema: Json): void {
  const properties = schema['properties']
  if (typeof properties !== 'object' || properties === null) return
  for (const property of Object.values(properties as Json)) {
    const { default: value } = property as Json
    if (value === undefined) continue
    delete (property as Json)['default']
    const told = (property as Json)['description']
    ;(property as Json)['description'] = `${told} Left out, it is \`${value}\`.`
  }
}

function operationsOf(document: Json): { operation: Json }[] {
  return Object.values(document['paths'] as Json).flatMap((item) =>
    Object.values(item as Json).map((operation) => ({ operation: operation as Json })),
  )
}

/** With how several values are written, and with a value to begin from. */
function completeParameters(
  document: Json,
  operation: Json,
  sent: (operationId: string) => Record<string, unknown>,
): void {
  const values = sent(String(operation['operationId']))
  for (const parameter of (operation['parameters'] ?? []) as Json[]) {
    const schema = parameter['schema'] as Json
    const target = typeof schema['$ref'] === 'string' ? at(document, schema['$ref']) : schema
    parameter['description'] ??= target['description']
    parameter['example'] =
      values[String(parameter['name'])] ??
      parameter['example'] ??
      (target['examples'] as unknown[] | undefined)?.[0]
    const inQuery = parameter['in'] === 'query'
    Object.assign(parameter, { style: inQuery ? 'form' : 'simple', explode: inQuery })
  }
}

function at(document: Json, ref: string): Json {
  return ref
    .slice(2)
    .split('/')
    .reduce<Json>((node, key) => node[key] as Json, document)
}

/** Under its name, the form of a header that most answers have; those of few stay where they are. */
function shareHeaders(document: Json): void {
  const uses = operationsOf(document).flatMap(({ operation }) =>
    Object.values(operation['responses'] as Json).flatMap((response) => {
      const headers = ((response as Json)['headers'] ?? {}) as Json
      return Object.entries(headers).map(([name, header]) => ({
        headers,
        name,
        text: JSON.stringify(header),
      }))
    }),
  )
  const shared: Json = {}
  for (const [name, own] of Map.groupBy(uses, (use) => use.name)) {
    const [usual = []] = [...Map.groupBy(own, ({ text }) => text).values()].sort(
      (a, b) => b.length - a.length,
    )
    for (const { headers, text } of usual) {
      shared[name] = JSON.parse(text)
      headers[name] = { $ref: `#/components/headers/${name}` }
    }
  }
  Object.assign(document['components'] as Json, { headers: sorted(shared) })
}

/** Every problem's answer that more than one operation has, under the names of the problems. */
function shareProblems(document: Json): void {
  const byText = Map.groupBy(
    operationsOf(document).flatMap(({ operation }) => {
      const responses = operation['responses'] as Json
      return Object.entries(responses).flatMap(([status, response]) =>
        Number(status) < 400 ? [] : [{ responses, status, response: response as Json }],
      )
    }),
    ({ response }) => JSON.stringify(response),
  )
  const shared: Json = {}
  for (const uses of byText.values()) {
    const [first] = uses
    if (first === undefined || uses.length === 1) continue
    const id = nameOf(first.response, shared)
    shared[id] = first.response
    for (const { responses, status } of uses) responses[status] = { $ref: `#/components/responses/${id}` }
  }
  Object.assign(document['components'] as Json, { responses: sorted(shared) })
}

function nameOf({ headers, content }: Json, taken: Json): string {
  const { 'application/problem+json': problem, ...others } = content as Record<string, { examples: Json }>
  const { examples = {} } = problem ?? {}
  const codes = Object.keys(examples).map((code) =>
    code.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  )
  const isCounted = 'RateLimit' in ((headers ?? {}) as Json)
  const isPage = Object.keys(others).length > 0
  const name =
    codes.join('Or') +
    (isCounted && codes[0] !== 'TooManyRequests' ? 'Counted' : '') +
    (isPage ? 'OrPage' : '')
  for (let count = 2; ; count++) {
    const free = count === 2 ? name : `${name}${count - 1}`
    if (!(free in taken)) return free
  }
}

function sorted(object: Json): Json {
  return Object.fromEntries(Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1)))
}
