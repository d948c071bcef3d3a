/**
 * The document as a test of this very version reads it. To clients it leaves room: an answer may have fields, and a list of
 * words may have words, that it does not tell of yet. Here nothing may be there that is not told of.
 */
export function strictDocument<T>(node: T): T {
  if (Array.isArray(node)) return node.map(strictDocument) as T
  if (typeof node !== 'object' || node === null) return node
  const parts = Object.fromEntries(Object.entries(node).map(([key, part]) => [key, strictDocument(part)]))
  const { properties, additionalProperties, [openList]: words } = parts
  return {
    ...parts,
    ...(typeof properties === 'object' &&
      additionalProperties === undefined && { additionalProperties: false }),
    ...(Array.isArray(words) && { enum: [parts['type']].flat().includes('null') ? [...words, null] : words }),
  } as T
}

/** What other tools call a list that may grow. */
const openList = 'x-extensible-enum'
