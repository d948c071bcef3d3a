export type Child = Node | string | false | null | undefined | readonly Child[]

type Attributes = Readonly<
  Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>
>

/**
 * An element with text and attributes, never markup. What is `null` or `false` is left out, `true` is an attribute without a
 * value, a function listens.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value)
    else if (value !== null && value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : `${value}`)
  }
  element.append(...nodesOf(children))
  return element
}

/** Whoever has the focus in there, and is writing, goes on where they were, once it is made anew. */
export function keepingFocus(element: Element, change: () => void): void {
  const was = document.activeElement
  const isIn = was !== null && element.contains(was)
  change()
  if (!isIn || was.isConnected) return
  const now = element.querySelector<HTMLElement>(`[data-do="${was.getAttribute('data-do')}"]`)
  now?.focus({ preventScroll: true })
  if (was instanceof HTMLInputElement && now instanceof HTMLInputElement && now.type === 'text')
    now.setSelectionRange(was.selectionStart, was.selectionEnd)
}

/** In place of what an element holds; whoever had the focus in there has it where the same name is said by `data-do`. */
export function fill(element: Element, ...children: Child[]): void {
  const active = document.activeElement
  const name = active !== null && element.contains(active) ? active.getAttribute('data-do') : null
  element.replaceChildren(...nodesOf(children))
  if (name !== null)
    [...element.querySelectorAll<HTMLElement>('[data-do]')]
      .find((one) => one.getAttribute('data-do') === name)
      ?.focus({ preventScroll: true })
}

/** A name or a title of any script, which does not turn round what stands beside it. */
export function bdi(text: string): HTMLElement {
  return h('bdi', {}, text)
}

function nodesOf(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child): (Node | string)[] =>
    child === null || child === undefined || child === false
      ? []
      : typeof child === 'string' || child instanceof Node
        ? [child]
        : nodesOf(child),
  )
}
