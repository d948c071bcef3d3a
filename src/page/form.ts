import type { PageWords } from '../words/en.ts'
import { nameOf } from './comment.ts'
import { phrase } from './phrase.ts'
import { type Branch, type Child, h } from './tree.ts'

/** The fields in which a reader writes, by the names under which the form sends them. */
export const formFields = ['name', 'email', 'body'] as const
export type FormField = (typeof formFields)[number]

/** A field that no reader sees: whoever fills it in fills in everything. */
export const trapField = 'website'

/** What a form says of itself, and what stands in it. */
export type FormState = {
  /** Where it is sent without a script. */
  action: string
  values: Readonly<Partial<Record<FormField, string>>>
  /** What is wrong with a field, in words. */
  errors: Readonly<Partial<Record<FormField, string>>>
  /** The comment that it replies to. */
  parent: { id: string; author: { name: string } } | null
  /** Where there is no reply any more, without a script. */
  cancelHref: string
  /** Makes a second sending of the same a retry; `null` where only a script sends it. */
  key: string | null
  /** When it was made, in milliseconds since 1970. */
  shownAtMs: number | string | null
  isSending: boolean
  /** Why the whole of it was not taken, in words. */
  fault: string | null
  rulesUrl: string | null
  privacyUrl: string | null
}

export type FormLook = {
  words: PageWords
  language: string
  /** The level of the heading above the form, 2 to 6. */
  heading: number
  /** Tells this form's elements from another's on the same page. */
  idPrefix: string
}

const autocomplete = { name: 'name', email: 'email', body: 'off' } as const

export function formTree(state: FormState, look: FormLook): Branch {
  const { words, heading, idPrefix } = look
  const { parent, shownAtMs, isSending, rulesUrl, privacyUrl } = state
  const title = `${idPrefix}-form`
  return h(
    'form',
    {
      class: 'imprimatur-form',
      method: 'post',
      action: state.action,
      // What is wrong is said beside the field, in the page's language and not in the browser's.
      novalidate: true,
      'aria-labelledby': title,
      'aria-busy': isSending ? 'true' : null,
    },
    h(
      `h${heading}`,
      { id: title },
      parent === null ? words.leaveComment : phrase(words.replyTo, { name: nameOf(parent.author.name) }),
    ),
    parent !== null && h('a', { class: 'imprimatur-cancel', href: state.cancelHref }, words.cancelReply),
    h('p', { class: 'imprimatur-hint' }, words.allRequired),
    field('name', state, look),
    field('email', state, look),
    field('body', state, look),
    // Hidden without a style too, which may be missing.
    h(
      'p',
      { hidden: true },
      h('label', {}, words.trap, ' ', h('input', { name: trapField, tabindex: -1, autocomplete: 'off' })),
    ),
    hiddenField('parentId', parent?.id),
    hiddenField('key', state.key),
    hiddenField('shown', shownAtMs),
    (rulesUrl !== null || privacyUrl !== null) &&
      h(
        'p',
        { class: 'imprimatur-links' },
        rulesUrl !== null && h('a', { href: rulesUrl }, words.rules),
        rulesUrl !== null && privacyUrl !== null && ' ',
        privacyUrl !== null && h('a', { href: privacyUrl }, words.privacy),
      ),
    state.fault !== null && h('p', { class: 'imprimatur-error', role: 'alert' }, state.fault),
    h(
      'button',
      { class: 'imprimatur-send', 'aria-disabled': isSending ? 'true' : null },
      isSending ? words.sending : words.send,
    ),
  )
}

function hiddenField(name: string, value: string | number | null | undefined): Child {
  return value != null && h('input', { type: 'hidden', name, value })
}

/** The label above, what helps below it, and what is wrong below that: all of it is read with the field. */
function field(name: FormField, { values, errors }: FormState, { words, idPrefix }: FormLook): Branch {
  const id = `${idPrefix}-${name}`
  const error = errors[name]
  const describedBy = [name === 'email' && `${id}-hint`, error !== undefined && `${id}-error`]
  const attributes = {
    id,
    name,
    autocomplete: autocomplete[name],
    'aria-required': 'true',
    'aria-invalid': error === undefined ? null : 'true',
    'aria-describedby': describedBy.filter(Boolean).join(' ') || null,
  }
  const value = values[name] ?? ''
  return h(
    'p',
    { class: 'imprimatur-field' },
    h('label', { for: id }, words[name]),
    name === 'email' && h('span', { class: 'imprimatur-hint', id: `${id}-hint` }, words.emailHint),
    name === 'body'
      ? h('textarea', { ...attributes, rows: 6, dir: 'auto' }, value)
      : h('input', {
          ...attributes,
          type: name === 'email' ? 'email' : 'text',
          dir: name === 'email' ? 'ltr' : 'auto',
          value: value === '' ? null : value,
        }),
    error !== undefined && h('span', { class: 'imprimatur-error', id: `${id}-error` }, error),
  )
}
