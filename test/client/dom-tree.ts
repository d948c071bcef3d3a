/** What a browser has made of an element, as a value that can be compared: `[tag, attributes, ...children]`. */
export type DomTree = string | [tag: string, attributes: Record<string, string>, ...children: DomTree[]]

/**
 * The page's elements below a selector, but for what the two ways of making them cannot have in common: where a reader is, and
 * so how a moment reads; what only a form without a script is sent with.
 */
export function treeAt(selector: string): string {
  return `(${walk})(document.querySelector(${JSON.stringify(selector)}))`
}

const walk = `function walk(node) {
  if (node.nodeType === 3) return node.data
  const isTime = node.localName === 'time'
  const attributes = {}
  for (const { name, value } of [...node.attributes].sort((a, b) => a.name < b.name ? -1 : 1))
    if (!isTime || name !== 'title') attributes[name] = value
  const children = [...node.childNodes].filter((child) => !['key', 'shown'].includes(child.name))
  return [node.localName, attributes, ...(isTime ? [] : children.map(walk))]
}`
