import { directionOf, languageOf } from '../../src/domain/language.ts'
import type { OwnComment } from '../../src/http/routes/comments/answers.ts'
import { anchorOf, type ShownComment } from '../../src/page/comment.ts'
import {
  type FormField,
  type FormState,
  fieldAt,
  fieldFault,
  formFields,
  refusalText,
  trapField,
} from '../../src/page/form.ts'
import { momentsIn } from '../../src/page/moment.ts'
import { type SlotName, slotNames, type ThreadView, threadTree } from '../../src/page/thread.ts'
import { type Child, h } from '../../src/page/tree.ts'
import type { Words } from '../../src/words/en.ts'
import { articleOf, call, codeOf, type List, Refused, serviceOf } from './api.ts'
import { type Kept, update } from './dom.ts'
import { type Own, ownTree } from './own-comments.ts'
import { keepReceipts, receiptsOf } from './receipts.ts'
import { localeIn, wordsOf } from './speech.ts'
import { readThread } from './take-over.ts'

/** The versioned name of the style: put in where the script is bundled. */
declare const STYLE_FILE: string

const script = import.meta.url

/** What readers began to write, by article, as long as the page stands: an element that comes again gives it back. */
const drafts = new Map<string, Partial<Record<FormField, string>>>()

/** Beyond so many pages nobody looks for the comment that an address names. */
const mostPages = 20

type Acknowledgement = { id: string; message: string; receipt: string }

/**
 * `<imprimatur-comments article="…">`: an article's comments, and a form for one's own. docs/embedding.md has its attributes,
 * events, places, classes and variables.
 */
export class ImprimaturComments extends HTMLElement {
  static readonly observedAttributes = [
    'article',
    'api',
    'lang',
    'load',
    'form',
    'order',
    'limit',
    'depth',
    'heading',
    'rules',
    'privacy',
    'keep-receipts',
  ]

  #root: Element | null = null
  #kept: Kept = {
    form: null,
    slot: (name) => this.#template(name as SlotName)?.content.cloneNode(true) ?? document.createTextNode(''),
  }
  #words: Words | null = null
  /** The words that came with the markup: they are part of it. */
  #ownWords: Partial<Words> | null = null
  #article = ''
  #comments = new Map<string, ShownComment>()
  #total: number | null = null
  #isClosed = false
  #next: string | null = null
  #state: 'idle' | 'waiting' | 'loading' | 'shown' | 'failed' = 'idle'
  #parent: FormState['parent'] = null
  #errors: ThreadView['form']['errors'] = {}
  #fault: string | null = null
  #thanks: string | null = null
  #isSending = false
  #own: Own[] = []
  /** Of what was tried to be sent: the same again goes under the same key, and is taken once. */
  #attempt: { content: string; key: string } = { content: '', key: '' }
  #shownAt = 0
  /** Ends what a connection to the page has begun. */
  #connection: AbortController | null = null
  /** What was asked for before the latest list came too late. */
  #load = 0

  connectedCallback(): void {
    this.#connection = new AbortController()
    const { signal } = this.#connection
    addStyle()
    const root = this.querySelector(':scope > .imprimatur')
    if (root !== null && this.#root === null) this.#takeOver(root)
    this.addEventListener('click', (event) => this.#clicked(event), { signal })
    this.addEventListener('submit', (event) => this.#submitted(event), { signal })
    this.addEventListener('input', () => this.#keepDraft(), { signal })
    addEventListener('hashchange', () => void this.#showNamed(), { signal })
    const minutes = setInterval(() => this.#render(), 60_000)
    signal.addEventListener('abort', () => clearInterval(minutes))
    void this.#start()
  }

  disconnectedCallback(): void {
    this.#connection?.abort()
    this.#connection = null
  }

  attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (before === value || this.#connection === null) return
    if (name === 'lang') this.#words = null
    if (['article', 'api', 'order', 'limit'].includes(name)) this.#forget()
    void this.#start()
  }

  /** Asks for the list again. What is typed stays typed. */
  async reload(): Promise<void> {
    this.#comments = new Map()
    this.#next = null
    await this.#fetch()
  }

  /** Opens the form as a reply to a comment that is shown. */
  reply(commentId: string): void {
    const comment = this.#comments.get(commentId)
    if (comment === undefined) return
    this.#parent = comment
    this.#thanks = null
    this.#render()
    this.#focus('textarea')
  }

  /** Of another article nothing is kept but the draft. */
  #forget(): void {
    Object.assign(this.#kept, { form: null })
    this.#root?.remove()
    this.#root = null
    this.#comments = new Map()
    this.#total = this.#next = this.#parent = this.#fault = this.#thanks = this.#ownWords = null
    this.#errors = {}
    this.#own = []
    this.#isClosed = this.#isSending = false
    this.#state = 'idle'
    this.#load += 1
  }

  /** Takes the markup that the server made for what it says, and asks for nothing. */
  #takeOver(root: Element): void {
    const read = readThread(root)
    this.#root = root
    this.#kept.form = root.querySelector('form')
    this.#comments = new Map(read.comments.map((comment) => [comment.id, comment]))
    this.#total = read.total
    this.#isClosed = read.isClosed
    this.#next = read.next
    this.#parent = read.parent
    this.#errors = read.errors
    this.#fault = read.fault
    this.#thanks = read.thanks
    this.#ownWords = read.ownWords
    this.#state = 'shown'
  }

  async #start(): Promise<void> {
    const { signal } = this.#connection ?? {}
    this.#article = articleOf(this)
    if (this.#article === '')
      return console.error('imprimatur: <imprimatur-comments> needs the attribute article')
    if (this.#words === null) {
      const words = await wordsOf(localeIn(this), script)
      if (signal === undefined || signal.aborted) return
      this.#words = words
    }
    if (this.#state === 'idle') {
      this.#state = 'waiting'
      const how = this.#isNamedHere() ? 'now' : this.getAttribute('load')
      if (how === 'now') void this.#fetch()
      else if (how !== 'click') this.#whenVisible(() => this.#state === 'waiting' && void this.#fetch())
    }
    this.#render()
    if (this.#state === 'shown') await this.#shown()
  }

  /** Some way before it is on the screen. */
  #whenVisible(then: () => void): void {
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return
        observer.disconnect()
        then()
      },
      { rootMargin: '300px' },
    )
    observer.observe(this)
    this.#connection?.signal.addEventListener('abort', () => observer.disconnect())
  }

  async #fetch(cursor?: string): Promise<boolean> {
    this.#load += 1
    const load = this.#load
    if (cursor === undefined) this.#state = 'loading'
    this.#render()
    try {
      const list = await call<List>(this.#listUrl(cursor))
      if (load !== this.#load) return false
      for (const comment of list.comments) this.#comments.set(comment.id, comment)
      this.#total = list.total
      this.#isClosed = list.closed
      this.#next = list.nextCursor
      this.#state = 'shown'
    } catch (error) {
      if (load !== this.#load) return false
      // What is shown already stays; asked again, the service may have come back.
      if (cursor === undefined) this.#state = this.#comments.size > 0 ? 'shown' : 'failed'
      this.#failed(error)
      this.#render()
      return false
    }
    this.#render()
    if (cursor === undefined) {
      this.#tell('loaded', { total: this.#total })
      await this.#shown()
    }
    return true
  }

  #listUrl(cursor?: string): string {
    const query = new URLSearchParams({ limit: this.getAttribute('limit') ?? '50' })
    const order = this.getAttribute('order')
    if (order !== null && order !== 'oldest') query.set('order', order)
    if (cursor !== undefined) query.set('cursor', cursor)
    return `${this.#path('comments')}?${query}`
  }

  #path(end: string): string {
    return `${serviceOf(this, script)}/v1/articles/${encodeURIComponent(this.#article)}/${end}`
  }

  async #shown(): Promise<void> {
    await Promise.all([this.#showNamed(), this.#askForOwn()])
  }

  /** Whether the page's address names a comment. */
  #isNamedHere(): boolean {
    return location.hash.startsWith(`#${anchorOf('')}`)
  }

  /** Goes to the comment that the page's address names, on whichever page of the list it is. */
  async #showNamed(): Promise<void> {
    const id = location.hash.slice(1 + anchorOf('').length)
    if (!this.#isNamedHere() || this.#state !== 'shown') return
    for (let page = 0; page < mostPages && !this.#comments.has(id) && this.#next !== null; page++)
      if (!(await this.#fetch(this.#next))) return
    this.#commentElement(id)?.scrollIntoView()
  }

  #commentElement(id: string): HTMLElement | null {
    return this.querySelector(`#${CSS.escape(anchorOf(id))}`)
  }

  #clicked(event: MouseEvent): void {
    const target = (event.target as Element).closest<HTMLElement>('a,button')
    const { classList } = target ?? {}
    if (target === null || classList === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return
    const isOurs = (name: string) => classList.contains(`imprimatur-${name}`)
    const comment = target.closest('article')?.id.slice(anchorOf('').length)
    if (isOurs('reply') && comment !== undefined) this.reply(comment)
    else if (isOurs('cancel')) this.#cancelReply()
    else if (isOurs('more')) void this.#more()
    else if (isOurs('show') || isOurs('again')) void this.#fetch()
    else if (isOurs('withdraw')) this.#ask(target, true)
    else if (isOurs('keep')) this.#ask(target, false)
    else if (isOurs('confirm')) void this.#withdraw(target)
    else return
    event.preventDefault()
  }

  #cancelReply(): void {
    const id = this.#parent?.id
    this.#parent = null
    this.#render()
    if (id !== undefined) this.#commentElement(id)?.querySelector<HTMLElement>('.imprimatur-reply')?.focus()
  }

  async #more(): Promise<void> {
    if (this.#next === null) return
    const before = new Set(this.#comments.keys())
    if (!(await this.#fetch(this.#next))) return
    const first = [...this.#comments.keys()].find((id) => !before.has(id))
    if (first !== undefined) this.#commentElement(first)?.focus()
  }

  #submitted(event: Event): void {
    const form = event.target as HTMLFormElement
    if (!form.matches('.imprimatur-form')) return
    event.preventDefault()
    if (!this.#isSending) void this.#send(form)
  }

  async #send(form: HTMLFormElement): Promise<void> {
    if (!this.#tell('submit', {}, true)) return
    const { name = '', email = '', body = '', trap } = this.#typed(form)
    const parentId = this.#parent?.id ?? null
    const submission = { author: { name, email }, body, parentId }
    const content = JSON.stringify([this.#article, submission])
    if (content !== this.#attempt.content) this.#attempt = { content, key: newKey() }
    this.#isSending = true
    this.#errors = {}
    this.#fault = this.#thanks = null
    this.#render()
    const load = this.#load
    try {
      const taken = await call<Acknowledgement>(this.#path('comments'), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': this.#attempt.key,
          'accept-language': localeIn(this),
        },
        body: JSON.stringify({
          ...submission,
          form: { trap, shownForMs: Math.round(performance.now() - this.#shownAt) },
        }),
      })
      this.#tell('submitted', { id: taken.id, status: 'pending' })
      if (load !== this.#load) return
      this.#thanks = taken.message
      this.#parent = null
      this.#attempt = { content: '', key: '' }
      drafts.delete(this.#draftKey())
      ;(form.elements.namedItem('body') as HTMLTextAreaElement).value = ''
      this.#shownAt = performance.now()
      if (this.hasAttribute('keep-receipts')) {
        const { id, receipt } = taken
        keepReceipts(this.#receiptsKey(), [...receiptsOf(this.#receiptsKey()), { id, receipt }])
        void this.#askForOwn()
      }
    } catch (error) {
      this.#failed(error)
      if (load !== this.#load) return
      this.#refused(error instanceof Refused ? error.problem : null)
    } finally {
      if (load === this.#load) this.#isSending = false
      this.#render()
    }
    this.#focus(this.#thanks === null ? '[aria-invalid],.imprimatur-send' : '.imprimatur-status')
  }

  #refused(problem: Refused['problem']): void {
    const words = this.#words
    if (words === null) return
    for (const { pointer, code } of problem?.errors ?? []) {
      const field = fieldAt(pointer)
      if (field !== null)
        this.#errors = { [field]: fieldFault(field, code, words, localeIn(this)), ...this.#errors }
    }
    const code = codeOf(problem)
    if (code === 'article-closed') this.#isClosed = true
    if (code === 'parent-not-available') this.#parent = null
    this.#fault = refusalText(code, words)
  }

  #typed(form: HTMLFormElement): Partial<Record<FormField, string>> & { trap: string } {
    const data = new FormData(form)
    const of = (name: string) => String(data.get(name) ?? '').replaceAll('\r\n', '\n')
    return { ...Object.fromEntries(formFields.map((name) => [name, of(name)])), trap: of(trapField) }
  }

  #keepDraft(): void {
    const { form } = this.#kept
    if (!(form instanceof HTMLFormElement)) return
    const { trap: _, ...draft } = this.#typed(form)
    drafts.set(this.#draftKey(), draft)
  }

  #draftKey(): string {
    return this.#path('')
  }

  async #askForOwn(): Promise<void> {
    if (!this.hasAttribute('keep-receipts')) return
    const key = this.#receiptsKey()
    const receipts = receiptsOf(key)
    const found = await Promise.all(receipts.map(({ id, receipt }) => this.#ownCall(id, receipt, 'GET')))
    // Who is not known any more was withdrawn long ago, or the service began anew.
    keepReceipts(
      key,
      receipts.filter((_, index) => found[index] !== 'unknown'),
    )
    this.#own = found.flatMap((comment) => (typeof comment === 'object' ? [{ comment, asked: false }] : []))
    this.#render()
  }

  async #ownCall(
    id: string,
    receipt: string,
    method: 'GET' | 'DELETE',
  ): Promise<OwnComment | 'unknown' | 'unreachable'> {
    try {
      return await call<OwnComment>(`${serviceOf(this, script)}/v1/comments/${id}`, {
        method,
        headers: { authorization: `Bearer ${receipt}` },
      })
    } catch (error) {
      return error instanceof Refused && codeOf(error.problem) === 'token-invalid' ? 'unknown' : 'unreachable'
    }
  }

  #receiptsKey(): string {
    return `imprimatur ${this.#path('')}`
  }

  #ask(button: HTMLElement, asked: boolean): void {
    const { id = '' } = button.dataset
    this.#own = this.#own.map((own) => (own.comment.id === id ? { ...own, asked } : own))
    this.#render()
    this.#focus(`.imprimatur-${asked ? 'keep' : 'withdraw'}[data-id="${CSS.escape(id)}"]`)
  }

  async #withdraw(button: HTMLElement): Promise<void> {
    const { id = '' } = button.dataset
    const key = this.#receiptsKey()
    const kept = receiptsOf(key).find((one) => one.id === id)
    const answer = kept && (await this.#ownCall(id, kept.receipt, 'DELETE'))
    if (answer === undefined || typeof answer === 'string') {
      this.#own = this.#own.map((own) => (own.comment.id === id ? { ...own, asked: false } : own))
      this.#thanks = this.#words?.notWithdrawn ?? null
    } else {
      this.#own = this.#own.map((own) => (own.comment.id === id ? { comment: answer, asked: false } : own))
      keepReceipts(
        key,
        receiptsOf(key).filter((one) => one.id !== id),
      )
      this.#thanks = this.#words?.withdrawn ?? null
      if (this.#comments.delete(id) && this.#total !== null) this.#total -= 1
    }
    this.#render()
    this.#focus('.imprimatur-status')
  }

  #render(): void {
    const words = this.#words
    if (words === null || this.#connection === null) return
    if (this.#root === null) {
      this.#root = document.createElement('section')
      this.append(this.#root)
    }
    const hadForm = this.#kept.form
    update(this.#root, threadTree(this.#view({ ...words, ...this.#ownWords })), this.#kept)
    const { form } = this.#kept
    if (!(form instanceof HTMLFormElement) || (form === hadForm && this.#shownAt > 0)) return
    this.#shownAt = performance.now()
    for (const [name, value] of Object.entries(drafts.get(this.#draftKey()) ?? {})) {
      const field = form.elements.namedItem(name) as HTMLInputElement | null
      if (field !== null && field.value === '') field.value = value
    }
  }

  #view(words: Words): ThreadView {
    const locale = localeIn(this)
    const page = (query: Record<string, string>) =>
      `${serviceOf(this, script)}/thread/${encodeURIComponent(this.#article)}?${new URLSearchParams({ lang: locale, ...query })}`
    const isThere = this.#state === 'shown'
    return {
      articleId: this.#article,
      language: locale,
      direction: directionOf(locale),
      words,
      ownWords: this.#ownWords,
      total: this.#total,
      isClosed: this.#isClosed,
      comments: this.#inOrder(),
      nextHref: this.#next === null ? null : page({ cursor: this.#next }),
      firstHref: null,
      feedHref: `${this.#path('comments.atom')}?lang=${languageOf(locale)}`,
      tell: momentsIn(locale, undefined, Date.now()),
      heading: numberIn(this.getAttribute('heading'), 2, 6, 2),
      depth: numberIn(this.getAttribute('depth'), 0, 9, 3),
      replyHref: (commentId) => page({ reply: commentId }),
      formAt: isThere ? placeOf(this.getAttribute('form')) : 'none',
      form: {
        action: page({}),
        values: {},
        errors: this.#errors,
        parent: this.#parent,
        cancelHref: page({}),
        key: '',
        shownAtMs: null,
        isSending: this.#isSending,
        fault: this.#fault,
        rulesUrl: this.getAttribute('rules'),
        privacyUrl: this.getAttribute('privacy'),
      },
      thanks: this.#thanks,
      instead: isThere ? undefined : this.#instead(words),
      own: ownTree(this.#own, words),
      slots: Object.fromEntries(
        slotNames
          .filter((name) => this.#template(name) !== null)
          .map((name) => [name, h('div', { class: 'imprimatur-slot', 'data-slot': name })]),
      ),
    }
  }

  /** As the API's order has them: what came on a later page may have been submitted before. */
  #inOrder(): ShownComment[] {
    return [...this.#comments.values()]
  }

  #instead(words: Words): Child {
    switch (this.#state) {
      case 'failed':
        return h(
          'p',
          { class: 'imprimatur-unavailable' },
          words.unavailable,
          ' ',
          buttonOf('again', words.tryAgain),
        )
      case 'waiting':
        return this.getAttribute('load') === 'click' && h('p', {}, buttonOf('show', words.show))
      default:
        return h('p', { class: 'imprimatur-loading', 'aria-busy': 'true' }, words.loading)
    }
  }

  #template(name: SlotName): HTMLTemplateElement | null {
    return this.querySelector(`:scope > template[data-imprimatur="${name}"]`)
  }

  #focus(selector: string): void {
    this.#root?.querySelector<HTMLElement>(selector)?.focus()
  }

  #failed(error: unknown): void {
    this.#tell('failed', { problem: error instanceof Refused ? error.problem : null })
  }

  /** Tells the page; `false` where it said no. */
  #tell(name: string, detail: object, cancelable = false): boolean {
    return this.dispatchEvent(new CustomEvent(`imprimatur-${name}`, { bubbles: true, cancelable, detail }))
  }
}

function buttonOf(action: string, text: string): Child {
  return h('button', { type: 'button', class: `imprimatur-${action}` }, text)
}

function placeOf(text: string | null): ThreadView['formAt'] {
  return text === 'above' || text === 'none' ? text : 'below'
}

function numberIn(text: string | null, least: number, most: number, fallback: number): number {
  const number = text === null || text === '' ? Number.NaN : Number(text)
  return number >= least && number <= most ? Math.floor(number) : fallback
}

/** A random UUID also where the page came without TLS, and `randomUUID` is not to be had. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}

/** The one style, unless the page has it already, or a style of its own instead. */
function addStyle(): void {
  if (document.querySelector('link[href*="/embed/comments"],[data-imprimatur="style"]') !== null) return
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = new URL(STYLE_FILE, script).href
  document.head.append(link)
}
