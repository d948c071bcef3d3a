import { fill, h } from './dom.ts'
import type { Words } from './words.ts'

type Options = {
  words: Words
  /** Why there is no desk, where that needs a word. */
  why: string | null
  language: HTMLElement
  /** Tells what is wrong with the token, or nothing. */
  signIn: (token: string, keepInTab: boolean) => Promise<string | null>
}

/** Where the token is pasted. */
export function signInView({ words, why, language, signIn }: Options): HTMLElement {
  const said = h('p', { class: 'fault', role: 'alert' }, why)
  const field = h('input', {
    id: 'token',
    name: 'token',
    type: 'password',
    required: true,
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    'aria-describedby': 'token-hint',
  })
  const keep = h('input', { type: 'checkbox', name: 'keep' })
  const button = h('button', { type: 'submit', class: 'primary' }, words.signIn)
  return h(
    'main',
    { class: 'sign-in' },
    h('h1', {}, words.title),
    h(
      'form',
      {
        novalidate: true,
        submit: async (event) => {
          event.preventDefault()
          const token = field.value.trim()
          if (token === '') return field.focus()
          button.setAttribute('aria-disabled', 'true')
          const fault = await signIn(token, keep.checked)
          button.removeAttribute('aria-disabled')
          if (fault === null) return
          fill(said, fault)
          field.focus()
        },
      },
      said,
      h('label', { for: 'token' }, words.token),
      field,
      h('p', { class: 'hint', id: 'token-hint' }, words.tokenHint),
      h('label', { class: 'check' }, keep, words.keepInTab),
      h('p', { class: 'actions' }, button),
    ),
    language,
  )
}
