import { h } from './dom.ts'
import type { SearchForm } from './search-form.ts'
import type { Words } from './words.ts'

export const listNames = ['mine', 'pending', 'approved', 'rejected', 'found'] as const

export type ListName = (typeof listNames)[number]

/** What stays where it is while everything in it changes. */
export type Frame = {
  root: HTMLElement
  buttons: Record<ListName, HTMLButtonElement>
  numbers: HTMLElement
  main: HTMLElement
  heading: HTMLElement
  selection: HTMLElement
  cards: HTMLElement
  foot: HTMLElement
  aside: HTMLElement
  context: HTMLElement
  status: HTMLElement
  undo: HTMLButtonElement
}

type Options = {
  words: Words
  me: string | null
  language: HTMLElement
  search: SearchForm
  hasKeys: boolean
  open: (list: ListName) => void
  setKeys: (on: boolean) => void
  help: () => void
  signOut: () => void
  undo: () => void
  closeContext: () => void
}

export function makeFrame(options: Options): Frame {
  const { words } = options
  const buttons = Object.fromEntries(
    listNames.map((name) => [
      name,
      h('button', { type: 'button', 'data-list': name, click: () => options.open(name) }),
    ]),
  ) as Frame['buttons']
  const numbers = h('div', { class: 'numbers' })
  const heading = h('h2', { id: 'list-name', tabindex: -1 })
  const selection = h('div', { class: 'selection' })
  const cards = h('div', { class: 'cards' })
  const foot = h('div', { class: 'foot' })
  const context = h('div', { class: 'context', 'aria-busy': 'false' })
  const contextHeading = h('h2', { id: 'context-name', tabindex: -1 }, words.contextTitle)
  const aside = h(
    'aside',
    { 'aria-labelledby': 'context-name', hidden: true },
    h(
      'header',
      { class: 'title' },
      contextHeading,
      h('button', { type: 'button', 'data-do': 'close-context', click: options.closeContext }, words.close),
    ),
    context,
  )
  const status = h('p', { role: 'status', 'aria-live': 'polite', class: 'said' })
  const undo = h(
    'button',
    { type: 'button', 'data-do': 'undo', 'aria-keyshortcuts': 'u', click: options.undo },
    words.undo,
    h('kbd', { 'aria-hidden': 'true' }, 'u'),
  )
  const keys = h('input', {
    type: 'checkbox',
    'data-do': 'keys',
    ...(options.hasKeys && { checked: true }),
    change: () => options.setKeys(keys.checked),
  })
  const main = h('main', { 'aria-labelledby': 'list-name', tabindex: -1 }, heading, selection, cards, foot)
  const root = h(
    'div',
    { class: 'desk' },
    h(
      'header',
      { class: 'top' },
      h('h1', {}, words.title),
      options.me !== null && h('p', { class: 'me' }, words.signedInAs(options.me)),
      h('label', { class: 'check', title: words.keysHint }, keys, words.keysOn),
      h(
        'button',
        { type: 'button', 'data-do': 'help', 'aria-keyshortcuts': '?', click: options.help },
        words.help,
      ),
      options.language,
      h('button', { type: 'button', 'data-do': 'sign-out', click: options.signOut }, words.signOut),
    ),
    h(
      'nav',
      { 'aria-label': words.lists },
      h('div', { class: 'lists' }, ...Object.values(buttons)),
      options.search.element,
      numbers,
    ),
    main,
    aside,
    h('div', { class: 'bar' }, status, undo),
  )
  return { root, buttons, numbers, main, heading, selection, cards, foot, aside, context, status, undo }
}
