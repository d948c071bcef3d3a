import { type DefaultTreeAdapterTypes, parse, parseFragment } from 'parse5'
import type { Branch, Tree } from '../../src/page/tree.ts'

/*
 * HTML as a browser takes it, by a parser that is not ours. `template` is only looked into by name: pages of ours have none.
 */

type Node = DefaultTreeAdapterTypes.ChildNode

/** What a parser only remarks on: the text has the character that was written (HTML, section 13.2.2). */
const taken = /^(?:control-character|noncharacter(?:-character)?)-/

function faultsIn(errors: readonly string[]): string[] {
  return errors.filter((code) => !taken.test(code))
}

/** A whole document; fails where the parser has to mend anything. */
export function documentOf(html: string): Branch {
  const errors: string[] = []
  const document = parse(html, { onParseError: ({ code }) => errors.push(code) })
  if (faultsIn(errors).length > 0) throw new Error(`The parser had to mend the page: ${faultsIn(errors)}`)
  const [root] = treesOf(document.childNodes)
  if (root === undefined || typeof root === 'string') throw new Error('There is no element')
  return root
}

/** What stands in the page of somebody else. */
export function fragmentOf(html: string): Branch {
  const errors: string[] = []
  const { childNodes } = parseFragment(html, { onParseError: ({ code }) => errors.push(code) })
  if (faultsIn(errors).length > 0) throw new Error(`The parser had to mend the fragment: ${faultsIn(errors)}`)
  const [root] = treesOf(childNodes)
  if (root === undefined || typeof root === 'string') throw new Error('There is no element')
  return root
}

function treesOf(nodes: readonly Node[]): Tree[] {
  return nodes.flatMap((node): Tree[] => {
    if (node.nodeName === '#documentType') return []
    if ('value' in node) return [node.value]
    if (!('tagName' in node)) throw new Error(`There is a ${node.nodeName}`)
    return [
      {
        tag: node.tagName,
        attributes: Object.fromEntries(node.attrs.map(({ name, value }) => [name, value])),
        children: treesOf(node.childNodes),
      },
    ]
  })
}

/** All elements, in the order of their start tags, this one first. */
export function elementsOf(root: Branch): Branch[] {
  const found: Branch[] = []
  const open: Tree[] = [root]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'string') continue
    found.push(next)
    open.push(...next.children.toReversed())
  }
  return found
}

/** By a tag, or by `.class`. */
export function allOf(root: Branch, selector: string): Branch[] {
  return elementsOf(root).filter(({ tag, attributes }) =>
    selector.startsWith('.')
      ? (attributes['class'] ?? '').split(' ').includes(selector.slice(1))
      : tag === selector,
  )
}

export function oneOf(root: Branch, selector: string): Branch {
  const found = allOf(root, selector)
  const [one] = found
  if (one === undefined || found.length > 1) throw new Error(`There are ${found.length} of ${selector}`)
  return one
}

export function textOf(tree: Tree): string {
  const texts: string[] = []
  const open: Tree[] = [tree]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'string') texts.push(next)
    else open.push(...next.children.toReversed())
  }
  return texts.join('')
}

/** What a form's fields hold, as a browser sends them where nobody has typed anything. */
export function formValues(form: Branch): Record<string, string> {
  return Object.fromEntries(
    elementsOf(form)
      .filter(({ tag }) => tag === 'input' || tag === 'textarea')
      .map((field) => [
        field.attributes['name'] ?? '',
        field.tag === 'textarea' ? textOf(field) : (field.attributes['value'] ?? ''),
      ]),
  )
}

/** What could run, or load from elsewhere, in a page: nothing of it stands in one of ours, whatever readers wrote. */
export function dangersIn(root: Branch): string[] {
  return elementsOf(root).flatMap(({ tag, attributes, children }) => [
    ...(['style', 'iframe', 'object', 'embed', 'svg', 'math', 'base', 'template', 'img', 'noscript'].includes(
      tag,
    )
      ? [`<${tag}>`]
      : []),
    ...(tag === 'script' && (children.length > 0 || !attributes['src']?.startsWith('../embed/'))
      ? ['a script of its own']
      : []),
    ...Object.entries(attributes).flatMap(([name, value]) => [
      ...(/^on|^style$|^srcdoc$|^formaction$/.test(name) ? [`${name} of <${tag}>`] : []),
      ...(/^(?:href|src|action)$/.test(name) && !/^(?:https?:\/\/|#|\/|\.\.\/)/.test(value)
        ? [`${name}=${value}`]
        : []),
    ]),
  ])
}
