import type { Branch, Tree } from '../../src/page/tree.ts'

/** What the tree does not know: the one form, which keeps its draft wherever it stands, and what a site puts in its places. */
export type Kept = {
  form: Element | null
  slot: (name: string) => Node
}

const made = new WeakMap<Element, Branch>()

/**
 * Makes an element as the tree has it, and changes nothing that is so already: what the server sent stays in place, what
 * a reader typed stays typed. Only text and attributes are set, never markup.
 */
export function update(element: Element, tree: Branch, kept: Kept): void {
  const before = made.get(element)
  if (before === tree) return
  for (const name of Object.keys(before?.attributes ?? {}))
    if (!(name in tree.attributes)) element.removeAttribute(name)
  for (const [name, value] of Object.entries(tree.attributes))
    if (element.getAttribute(name) !== value) element.setAttribute(name, value)
  made.set(element, tree)
  // What a reader has typed is below it.
  if (tree.tag !== 'textarea' && !('data-slot' in tree.attributes))
    updateChildren(element, tree.children, kept)
}

function updateChildren(parent: Element, trees: readonly Tree[], kept: Kept): void {
  if (!parent.hasChildNodes()) {
    parent.append(...trees.map((tree) => make(tree, kept)))
    return
  }
  const wanted = new Set(trees.map(keyOf))
  for (const node of [...parent.childNodes]) if (!wanted.has(keyOfNode(node))) node.remove()
  let at: ChildNode | null = parent.firstChild
  for (const tree of trees) {
    const key = keyOf(tree)
    let node: ChildNode | null = at
    while (node !== null && keyOfNode(node) !== key) node = node.nextSibling
    if (node === null) parent.insertBefore(make(tree, kept), at)
    else {
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

function make(tree: Tree, kept: Kept): Node {
  if (typeof tree === 'string') return document.createTextNode(tree)
  const isForm = tree.tag === 'form'
  const element = (isForm && kept.form) || document.createElement(tree.tag)
  if (isForm) kept.form = element
  const slot = tree.attributes['data-slot']
  if (slot !== undefined) element.append(kept.slot(slot))
  update(element, tree, kept)
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
