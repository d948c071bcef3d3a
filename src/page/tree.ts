/**
 * What a page shows, as a value: the server writes it as HTML, a browser makes elements of it. There is no other way from a
 * comment to a page, and none by which text becomes markup.
 */
export type Tree = string | Branch

export type Branch = {
  tag: string
  /** By name; an empty value is an attribute that is only there. */
  attributes: Readonly<Record<string, string>>
  /** No two texts stand side by side, as in a document that was parsed. */
  children: readonly Tree[]
}

/** What is not there, or `false`, is left out; `true` is an attribute without a value. */
export type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>

export type Child = Tree | readonly Child[] | false | null | undefined

export function h(tag: string, attributes: Attributes, ...children: Child[]): Branch {
  const own: Record<string, string> = {}
  for (const name in attributes) {
    const value = attributes[name]
    if (value !== false && value !== null && value !== undefined) own[name] = value === true ? '' : `${value}`
  }
  return { tag, attributes: own, children: flat(children) }
}

/** The branches and texts among these, neighbouring texts as one. */
export function flat(children: readonly Child[], trees: Tree[] = []): Tree[] {
  for (const child of children) {
    if (child === false || child === null || child === undefined || child === '') continue
    const last = trees.length - 1
    if (typeof child !== 'string') {
      if ('tag' in child) trees.push(child)
      else flat(child, trees)
    } else if (typeof trees[last] === 'string') trees[last] += child
    else trees.push(child)
  }
  return trees
}
