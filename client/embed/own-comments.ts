import type { OwnComment } from '../../src/http/routes/comments/answers.ts'
import { phrase } from '../../src/page/phrase.ts'
import { type Branch, type Child, h } from '../../src/page/tree.ts'
import type { Words } from '../../src/words/en.ts'

/** `asked`: its author is asked whether it is to go for good. */
export type Own = { comment: OwnComment; asked: boolean }

/** What has become of the comments that were sent from here. */
export function ownTree(own: readonly Own[], words: Words): Child {
  return (
    own.length > 0 &&
    h(
      'ul',
      { class: 'imprimatur-own' },
      own.map((one) => item(one, words)),
    )
  )
}

function item({ comment, asked }: Own, words: Words): Branch {
  const { id, body, status } = comment
  const isWithdrawn = status === 'withdrawn'
  const button = (action: string, text: string) =>
    h('button', { type: 'button', class: `imprimatur-${action}`, 'data-id': id }, text)
  return h(
    'li',
    { 'data-id': `own-${id}`, 'data-state': status },
    body !== null && h('div', { class: 'imprimatur-body', dir: 'auto' }, body),
    h('p', {}, stateOf(comment, words)),
    !isWithdrawn &&
      (asked
        ? [
            h('span', {}, words.withdrawForGood),
            ' ',
            button('confirm', words.withdraw),
            ' ',
            button('keep', words.keepIt),
          ]
        : button('withdraw', words.withdraw)),
  )
}

function stateOf({ status, reason }: OwnComment, words: Words): Child {
  switch (status) {
    case 'pending':
      return words.waits
    case 'approved':
      return words.published
    case 'rejected':
      return reason === null
        ? words.rejected
        : phrase(words.rejectedBecause, { reason: h('bdi', {}, reason) })
    case 'withdrawn':
      return words.withdrawn
  }
}
