import { h } from './dom.ts'
import { openDialog } from './panels.ts'
import type { Words } from './words.ts'

/** All keys there are. */
export function openSheet(words: Words): void {
  const { sheet } = words
  const keys: readonly (readonly [keys: string, what: string])[] = [
    ['j k', sheet.next],
    ['a', sheet.approve],
    ['r', sheet.reject],
    ['1–9, 0', sheet.reason],
    ['u', sheet.undo],
    ['o', sheet.reopen],
    ['c', sheet.context],
    ['n', sheet.note],
    ['x', sheet.select],
    [`${words.shift}+A ${words.shift}+R`, sheet.selection],
    ['s', sheet.skip],
    ['/', sheet.search],
    ['z', sheet.single],
    ['g+p g+a g+r g+m', sheet.lists],
    ['?', sheet.help],
  ]
  openDialog(
    words.keys,
    words,
    h(
      'dl',
      { class: 'keys' },
      keys.map(([names, what]) =>
        h(
          'div',
          {},
          h(
            'dt',
            {},
            names.split(' ').flatMap((name) => [h('kbd', {}, name), ' ']),
          ),
          h('dd', {}, what),
        ),
      ),
    ),
    h('p', { class: 'hint' }, words.keysHint),
  )
}
