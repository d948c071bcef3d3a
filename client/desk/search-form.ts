import { h } from './dom.ts'
import { textOf } from './panels.ts'
import type { Filter, Reason, Status } from './wire.ts'
import type { Words } from './words.ts'

export type SearchForm = {
  element: HTMLFormElement
  field: HTMLInputElement
  /** What there is to choose from, where it was not known before. */
  offer: (reasons: readonly Reason[]) => void
  /** What was written in another one. */
  take: (from: HTMLFormElement) => void
}

/** Words in one field; what narrows them further is folded away. It is sent in a body: an address stands in no URL. */
export function searchForm(
  words: Words,
  language: string,
  reasons: readonly Reason[],
  search: (filter: Filter) => void,
): SearchForm {
  const text = (name: string, type = 'text') => h('input', { name, type, autocomplete: 'off' })
  const choice = (name: string, any: string, options: readonly (readonly [value: string, label: string])[]) =>
    h(
      'select',
      { name },
      h('option', { value: '' }, any),
      options.map(([value, label]) => h('option', { value }, label)),
    )
  const labelled = (label: string, field: HTMLElement) => h('label', { class: 'field' }, label, field)

  const q = h('input', {
    name: 'q',
    type: 'search',
    'data-do': 'search',
    maxlength: 500,
    autocomplete: 'off',
    spellcheck: 'false',
  })
  const status = choice('status', words.anyStatus, [
    ['pending', words.pending],
    ['approved', words.approved],
    ['rejected', words.rejected],
    ['withdrawn', words.withdrawn],
  ])
  const article = text('article')
  const decidedBy = text('decidedBy')
  const from = text('from', 'date')
  const before = text('before', 'date')
  const claim = choice('claim', words.claimAny, [
    ['mine', words.claimMine],
    ['others', words.claimOthers],
    ['none', words.claimNone],
  ])
  const reason = choice('reason', words.anyReason, [])
  const reasonField = labelled(words.reason, reason)
  const offer: SearchForm['offer'] = (offered) => {
    reason.length = 1
    reason.append(...offered.map(({ code, texts }) => h('option', { value: code }, textOf(texts, language))))
    reasonField.hidden = offered.length === 0
  }
  offer(reasons)
  const element = h(
    'form',
    {
      class: 'search',
      role: 'search',
      novalidate: true,
      submit: (event) => {
        event.preventDefault()
        const given: Filter = {
          ...when(q.value.trim(), (value) => ({ q: value })),
          ...when(status.value, (value) => ({ status: [value as Status] })),
          ...when(article.value.trim(), (value) => ({ articlePrefix: value })),
          ...when(decidedBy.value.trim(), (value) => ({ decidedBy: value })),
          ...when(reason.value, (value) => ({ reasonCode: value })),
          ...when(claim.value, (value) => ({ claim: value as NonNullable<Filter['claim']> })),
          ...when(momentOf(from.value), (value) => ({ submittedAfter: value })),
          ...when(momentOf(before.value), (value) => ({ submittedBefore: value })),
        }
        search(given)
      },
    },
    labelled(words.searchLabel, q),
    h(
      'details',
      {},
      h('summary', {}, words.filters),
      labelled(words.status, status),
      labelled(words.article, article),
      labelled(words.decidedBy, decidedBy),
      reasonField,
      labelled(words.claim, claim),
      labelled(words.from, from),
      labelled(words.until, before),
    ),
    h('button', { type: 'submit', 'data-do': 'send-search' }, words.search),
  )
  const take: SearchForm['take'] = (from) => {
    for (const [name, value] of new FormData(from)) {
      const field = element.elements.namedItem(name)
      if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = `${value}`
    }
  }
  return { element, field: q, offer, take }
}

function when<T extends object>(value: string, make: (value: string) => T): T | object {
  return value === '' ? {} : make(value)
}

/** A day begins where the moderator is. */
function momentOf(day: string): string {
  return day === '' ? '' : new Date(`${day}T00:00`).toISOString()
}
