import { type Child, h } from './dom.ts'
import { digitOf, isField, letterOf } from './keys.ts'
import type { Chosen } from './rows.ts'
import type { Reason } from './wire.ts'
import type { Words } from './words.ts'

/* What is asked before something is sent: beside the comment, and never in its way. */

/** As many characters as the service takes. */
export const longest = { reason: 200, note: 2_000, erase: 200 }

type ReasonOptions = {
  words: Words
  language: string
  title: string
  reasons: readonly Reason[]
  /** Kept by the caller while it is written. */
  draft: { reason: string; reasonCode: string | null }
  offersReplies: boolean
  /** Whether letters and digits are commands. */
  hasKeys: () => boolean
  choose: (chosen: Chosen) => void
  close: () => void
}

/** Which reason a rejection has: a digit, Enter for none, or a text that is written, or edited, here. */
export function reasonPanel(options: ReasonOptions): HTMLElement {
  const { words, language, draft } = options
  let isEdited = false
  const field = h('input', {
    name: 'reason',
    'data-do': 'reason',
    value: draft.reason,
    maxlength: longest.reason,
    autocomplete: 'off',
    input: () => {
      draft.reason = field.value
      if (field.value.trim() === '') draft.reasonCode = null
    },
  })
  const setEdited = (on: boolean) => {
    isEdited = on
    panel.toggleAttribute('data-edit', on)
  }
  const replies = h('input', { type: 'checkbox', name: 'replies' })
  const choose = (reason: string | null, reasonCode: string | null) =>
    options.choose({ reason, reasonCode, replies: replies.checked ? 'reject' : null })
  const edit = ({ code, texts }: Reason) => {
    draft.reasonCode = code
    draft.reason = field.value = textOf(texts, language)
    setEdited(false)
    field.focus()
  }
  const typed = () => field.value.trim() || null
  const own = () => choose(typed(), draft.reasonCode)
  const pick = (reason: Reason) => {
    if (isEdited) edit(reason)
    else choose(typed(), reason.code)
  }
  const panel: HTMLFormElement = h(
    'form',
    {
      class: 'panel',
      tabindex: -1,
      'data-do': 'panel',
      'aria-label': options.title,
      novalidate: true,
      submit: (event) => {
        event.preventDefault()
        own()
      },
      keydown: (event) => {
        if (!(event instanceof KeyboardEvent) || hasModifier(event)) return
        if (event.key === 'Escape') options.close()
        else if (isField(event.target) || !(event.target instanceof HTMLElement)) return
        else if (event.key === 'Enter' && event.target.matches('form')) own()
        else if (!options.hasKeys()) return
        else if (letterOf(event) === 'e') setEdited(!isEdited)
        else {
          const reason = options.reasons[(digitOf(event) ?? 0) - 1]
          if (reason === undefined) return
          pick(reason)
        }
        event.preventDefault()
        event.stopPropagation()
      },
    },
    h('p', { class: 'panel-title' }, options.title),
    h(
      'ol',
      { class: 'reasons' },
      options.reasons.map((reason, index) => {
        const text = textOf(reason.texts, language)
        return h(
          'li',
          {},
          h(
            'button',
            { type: 'button', 'data-do': `pick-${reason.code}`, click: () => choose(typed(), reason.code) },
            index < 10 && h('kbd', {}, `${(index + 1) % 10}`),
            text,
          ),
          h(
            'button',
            {
              type: 'button',
              class: 'edit',
              'aria-label': words.editReason(text),
              title: words.editReason(text),
              click: () => edit(reason),
            },
            '✎',
          ),
        )
      }),
    ),
    h('label', { class: 'field' }, words.ownReason, field),
    options.offersReplies && h('label', { class: 'check' }, replies, words.rejectReplies),
    h(
      'p',
      { class: 'actions' },
      h('button', { type: 'submit', 'data-do': 'reject-with' }, words.rejectWith),
      h(
        'button',
        { type: 'button', 'data-do': 'no-reason', click: () => choose(null, null) },
        words.noReason,
      ),
      h('button', { type: 'button', 'data-do': 'close-panel', click: options.close }, words.cancel),
    ),
    h('p', { class: 'hint' }, words.reasonKeys),
  )
  return panel
}

type TextOptions = {
  words: Words
  name: 'note' | 'erase'
  label: string
  hint: string | null
  send: string
  draft: { note: string; erase: string }
  submit: (text: string) => void
  close: () => void
}

/** A text that is obligatory: a note, or why something is erased. */
export function textPanel({
  words,
  name,
  label,
  hint,
  send,
  draft,
  submit,
  close,
}: TextOptions): HTMLElement {
  const attributes = {
    name,
    'data-do': name,
    maxlength: longest[name],
    required: true,
    'aria-describedby': hint === null ? null : `hint-${name}`,
    input: () => {
      draft[name] = field.value
    },
  }
  const field =
    name === 'note'
      ? h('textarea', { ...attributes, rows: 3 })
      : h('input', { ...attributes, autocomplete: 'off' })
  field.value = draft[name]
  const sendIt = () => {
    if (field.value.trim() === '') field.focus()
    else submit(field.value.trim())
  }
  return h(
    'form',
    {
      class: 'panel',
      tabindex: -1,
      'data-do': 'panel',
      'aria-label': label,
      novalidate: true,
      submit: (event) => {
        event.preventDefault()
        sendIt()
      },
      keydown: (event) => {
        if (!(event instanceof KeyboardEvent)) return
        const isSent = event.key === 'Enter' && (event.ctrlKey || event.metaKey)
        if (event.key !== 'Escape' && !isSent) return
        event.preventDefault()
        event.stopPropagation()
        if (isSent) sendIt()
        else close()
      },
    },
    h('label', { class: 'field' }, label, field),
    hint !== null && h('p', { class: 'hint', id: `hint-${name}` }, hint),
    h(
      'p',
      { class: 'actions' },
      h('button', { type: 'submit', 'data-do': `${name}-send` }, send),
      h('button', { type: 'button', 'data-do': 'close-panel', click: close }, words.cancel),
    ),
  )
}

/** The text of a code in the page's language, or else in English, or else in any. */
export function textOf(texts: Readonly<Record<string, string>>, language: string): string {
  return texts[language] ?? texts['en'] ?? Object.values(texts)[0] ?? ''
}

/** A native dialog: it keeps the focus, and gives it back. */
export function openDialog(label: string, words: Words, ...children: Child[]): HTMLDialogElement {
  const dialog = h(
    'dialog',
    { 'aria-label': label, close: () => dialog.remove() },
    h('h2', {}, label),
    ...children,
    h('p', { class: 'actions' }, h('button', { type: 'button', click: () => dialog.close() }, words.close)),
  )
  document.body.append(dialog)
  dialog.showModal()
  return dialog
}

export function hasModifier({ ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
  return ctrlKey || altKey || metaKey
}
