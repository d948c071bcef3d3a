import { anchorOf, type ShownComment } from '../../src/page/comment.ts'
import { type FormField, type FormState, formFields } from '../../src/page/form.ts'
import type { Child } from '../../src/page/tree.ts'
import type { Words } from '../../src/words/en.ts'

export type ReadThread = {
  total: number | null
  isClosed: boolean
  comments: ShownComment[]
  next: string | null
  first: string | null
  parent: FormState['parent']
  errors: Partial<Record<FormField, string>>
  fault: string | null
  thanks: Child
  ownWords: Partial<Words> | null
  key: string | null
  shownAtMs: string | null
}

/** What markup of the server's says: the element goes on from there, as if it had asked for it. */
export function readThread(root: Element): ReadThread {
  const textOf = (selector: string, from: Element = root) => from.querySelector(selector)?.textContent || null
  const comments = [...root.querySelectorAll<HTMLElement>('.imprimatur-comment')].map((article) => ({
    id: article.id.slice(anchorOf('').length),
    parentId: article.dataset['parent'] ?? null,
    author: { name: textOf('.imprimatur-author', article) ?? '' },
    body: textOf('.imprimatur-body', article) ?? '',
    submittedAt: article.querySelector('time')?.dateTime ?? '',
  }))
  const next = root.querySelector<HTMLAnchorElement>('.imprimatur-more')
  const { total, words } = (root as HTMLElement).dataset
  const valueIn = (name: string) => root.querySelector<HTMLInputElement>(`[name=${name}]`)?.value ?? null
  const parentId = valueIn('parentId')
  return {
    total: total === undefined ? null : Number(total),
    isClosed: root.querySelector('.imprimatur-closed') !== null,
    comments,
    next: next && new URL(next.href).searchParams.get('cursor'),
    first: root.querySelector<HTMLAnchorElement>('.imprimatur-first')?.href ?? null,
    parent: parentId ? { id: parentId, author: { name: textOf('form bdi') ?? '' } } : null,
    errors: Object.fromEntries(
      formFields.flatMap((name) => {
        const error = textOf(`[name=${name}] + .imprimatur-error`)
        return error === null ? [] : [[name, error]]
      }),
    ),
    fault: textOf('.imprimatur-error[role=alert]'),
    thanks: textOf('.imprimatur-status'),
    ownWords: words === undefined ? null : JSON.parse(words),
    key: valueIn('key'),
    shownAtMs: valueIn('shown'),
  }
}
