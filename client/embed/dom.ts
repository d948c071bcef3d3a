import type { Branch, Tree } from '../../src/page/tree.ts'

/** What the tree does not know: the one form, which keeps its draft wherever it stands, and what a site puts in its places. */
export type Kept = {
  form: Element | null
  slot: (name: string) => Node
}

/** With the branch that it was last made as: on the element itself, since a map of thousands keeps the collector busy. */
type Made = Element & { imprimatur?: Branch }

/**
 * Makes an element as the tree has it, and changes nothing that is so already: what the server sent stays in place, what
 * a reader typed stays typed. Only text and attributes are set, never markup.
 */
export function update(element: Made, tree: Branch, kept: Kept, isNew = false): void {
  const { tag, attributes, children } = tree
  for (const name in element.imprimatur?.attributes) if (!(name in attributes)) element.removeAttribute(name)
  for (const name in attributes) {
    const value = attributes[name] ?? ''
    if (isNew || element.getAttribute(name) !== value) element.setAttribute(name, value)
  }
  element.imprimatur = tree
  // What a reader has typed is below it.
  if (tag === 'textarea' || 'data-slot' in attributes) return
  if (element.firstChild === null) element.append(...children.map((child) => make(child, kept)))
  else updateChildren(element, children, kept)
}

function updateChildren(parent: Element, trees: readonly Tree[], kept: Kept): void {
  const wanted = new Set(trees.map(keyOf))
  for (const node of [...parent.childNodes]) if (!wanted.has(keyOfNode(node))) node.remove()
  let at: ChildNode | null = parent.firstChild
  for (const tree of trees) {
    const key = keyOf(tree)
    let node: ChildNode | null = at
    while (node !== null && keyOfNode(node) !== key) node = node.nextSibling
    if (node === null) {
      if (at === null) parent.append(make(tree, kept))
      else at.before(make(tree, kept))
    } else {
      if (node === at) at = node.nextSibling
      else parent.insertBefore(node, at)
      if (typeof tree !== 'string') update(node as Element, tree, kept)
      else if (node.nodeValue !== tree) node.nodeValue = tree
    }
  }
  while (at !== null) {
    const next: ChildNode | null = at.nextSibling
    at.remove()
    at = next
  }
}

/** A text stays one: it is made a node where it is put in. */
function make(tree: Tree, kept: Kept): Element | string {
  if (typeof tree === 'string') return tree
  const isForm = tree.tag === 'form'
  const known = isForm && kept.form
  const element = known || document.createElement(tree.tag)
  if (isForm) kept.form = element
  const slot = tree.attributes['data-slot']
  if (slot !== undefined) element.append(kept.slot(slot))
  update(element, tree, kept, !known)
  return element
}

/** Which element of the page a branch is: others of the same key are told apart by their order. */
function keyOf(tree: Tree): string {
  return typeof tree === 'string' ? '' : keyFrom(tree.tag, (name) => tree.attributes[name])
}

function keyOfNode(node: Node): string {
  if (node instanceof Element) return keyFrom(node.localName, (name) => node.getAttribute(name))
  return node instanceof Text ? '' : '-'
}

function keyFrom(tag: string, attribute: (name: string) => string | null | undefined): string {
  return [tag, ...['class', 'id', 'data-id', 'name'].map(attribute)].join()
}
