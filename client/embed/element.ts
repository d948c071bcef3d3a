import { directionOf, languageOf } from '../../src/domain/language.ts'
import { anchorOf, type ShownComment } from '../../src/page/comment.ts'
import { type FormField, formFields, trapField } from '../../src/page/form.ts'
import { momentsIn } from '../../src/page/moment.ts'
import { type SlotName, slotNames, type ThreadView, threadTree } from '../../src/page/thread.ts'
import { type Child, h } from '../../src/page/tree.ts'
import type { PageWords, Words } from '../../src/words/en.ts'
import { call, type List, Refused } from './api.ts'
import { type Kept, update } from './dom.ts'
import type { OwnComments } from './own.ts'
import { partUrl } from './parts.ts'
import { articleOf, serviceOf } from './place.ts'
import { localeIn, wordsOf } from './speech.ts'
import { type ReadThread, readThread } from './take-over.ts'

/** What readers began to write, by article, as long as the page stands: an element that comes again gives it back. */
const drafts = new Map<string, Partial<Record<FormField, string>>>()

/** Beyond so many pages nobody looks for the comment that an address names. */
const mostPages = 20

/**
 * `<imprimatur-comments article="…">`: an article's comments, and a form for one's own. docs/embedding.md has its attributes,
 * events, places, classes and variables.
 */
export class ImprimaturComments extends HTMLElement {
  static readonly observedAttributes =
    'article api lang load form order limit depth heading rules privacy keep-receipts'.split(' ')

  #root: Element | null = null
  #kept: Kept = {
    form: null,
    // There are branches only for the places of templates that are there.
    slot: (name) => (this.#template(name as SlotName) as HTMLTemplateElement).content.cloneNode(true),
  }
  #words: (PageWords & Partial<Words>) | null = null
  /** The tag of the language of these words. */
  #locale = 'en'
  /** The tag for which they were asked. */
  #asked = ''
  #article = ''
  #comments = new Map<string, ShownComment>()
  /** Changed in place while it is the same article's: who finds another here came too late. */
  #is = nothing()
  #state: 'waiting' | 'loading' | 'shown' | 'failed' = 'waiting'
  #isSending = false
  #own: OwnComments | null = null
  #shownAt = 0
  /** Ends what a connection to the page has begun. */
  #connection: AbortController | null = null
  /** What was asked for before the latest list came too late. */
  #load = 0
  /** The service and the article that all this is about. */
  #source = ''
  /** The page has been told of what is shown. */
  #isTold = false
  /** The part of the page's address that was gone to. */
  #named = ''

  connectedCallback(): void {
    // What the server made is in the element once all of the page is here.
    if (document.readyState === 'loading') {
      addEventListener('DOMContentLoaded', () => this.isConnected && this.connectedCallback(), { once: true })
      return
    }
    this.#connection?.abort()
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
    if (before === value) return
    if (['article', 'api', 'order', 'limit'].includes(name)) this.#forget()
    if (this.#connection === null) return
    void this.#start()
    if (name === 'keep-receipts') void this.#askForOwn()
  }

  /** Asks for the list again. What is typed stays typed. */
  async reload(): Promise<void> {
    await this.#fetch()
  }

  /** Opens the form as a reply to a comment that is shown. */
  reply(commentId: string): void {
    const comment = this.#comments.get(commentId)
    if (comment === undefined) return
    this.#is.parent = comment
    this.#is.thanks = null
    this.#render()
    this.#focus('textarea')
  }

  /** Of another article nothing is kept but the draft. */
  #forget(): void {
    this.#kept.form = null
    this.#root?.remove()
    this.#root = null
    this.#comments = new Map()
    // The service's own words are of no article.
    this.#is = { ...nothing(), ownWords: this.#is.ownWords }
    this.#own = null
    this.#isSending = this.#isTold = false
    this.#state = 'waiting'
    this.#load += 1
  }

  /** Takes the markup that the server made for what it says, and asks for nothing. */
  #takeOver(root: Element): void {
    this.#root = root
    this.#kept.form = root.querySelector('form')
    const { comments, ...is } = readThread(root)
    this.#comments = new Map(comments.map((comment) => [comment.id, comment]))
    this.#is = is
    // One that was copied while it was on its way says nothing yet.
    if (is.total !== null) this.#state = 'shown'
  }

  async #start(): Promise<void> {
    const { signal } = this.#connection ?? {}
    this.#article = articleOf(this)
    if (this.#article === '') return console.error('no article', this)
    // With the page's address for an id it is another article where the element was carried to another page.
    const source = this.#path('')
    if (this.#source !== '' && source !== this.#source) this.#forget()
    this.#source = source
    const asked = localeIn(this)
    this.#asked = asked
    // What the service has of a site's own words came with its markup, in its language.
    if (this.#root !== null && languageOf(this.#root.getAttribute('lang') ?? '') !== languageOf(asked))
      this.#is.ownWords = null
    const { locale, words } = await wordsOf(asked, this.#is.ownWords)
    if (!signal || signal.aborted || asked !== this.#asked) return
    this.#locale = locale
    this.#words = words
    if (this.#state === 'waiting') {
      const how = this.#isNamedHere() ? 'now' : this.getAttribute('load')
      if (how === 'now') void this.#fetch()
      else if (how !== 'click') this.#whenVisible(() => this.#state === 'waiting' && void this.#fetch())
    }
    this.#render()
    if (this.#state === 'shown' && !this.#isTold) await this.#shown()
  }

  /** Some way before it is on the screen. */
  #whenVisible(then: () => void): void {
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.at(-1)?.isIntersecting) then()
      },
      { rootMargin: '300px' },
    )
    observer.observe(this)
    this.#connection?.signal.addEventListener('abort', () => observer.disconnect())
  }

  async #fetch(cursor?: string): Promise<boolean> {
    this.#load += 1
    const load = this.#load
    // What is shown stays until there is something newer.
    if (this.#state !== 'shown') this.#state = 'loading'
    this.#render()
    try {
      const list = await call<List>(this.#listUrl(cursor))
      if (load !== this.#load) return false
      if (cursor === undefined) {
        this.#comments.clear()
        this.#is.first = null
      }
      for (const comment of list.comments) this.#comments.set(comment.id, comment)
      this.#is.total = list.total
      this.#is.isClosed = list.closed
      this.#is.next = list.nextCursor
      this.#state = 'shown'
      if (this.#is.thanks === this.#words?.unavailable) this.#is.thanks = null
    } catch (error) {
      if (load !== this.#load) return false
      if (this.#state === 'shown') this.#is.thanks = this.#words?.unavailable
      else this.#state = 'failed'
      this.#tell('failed', { problem: error instanceof Refused ? error.problem : null })
      this.#render()
      return false
    }
    this.#render()
    if (cursor === undefined) await this.#shown()
    return true
  }

  #listUrl(cursor?: string): string {
    const limit = numberIn(this.getAttribute('limit'), 1, 100, 50)
    const query = { limit: `${limit}`, ...this.#order(), ...(cursor && { cursor }) }
    return `${this.#path('comments')}?${new URLSearchParams(query)}`
  }

  /** Where it is another than the API's own, and none that is misspelt. */
  #order(): { order?: string } {
    const order = this.getAttribute('order') ?? ''
    return /^newest$|published$/.test(order) ? { order } : {}
  }

  #path(end: string): string {
    return `${serviceOf(this)}/v1/articles/${encodeURIComponent(this.#article)}/${end}`
  }

  async #shown(): Promise<void> {
    this.#isTold = true
    this.#tell('loaded', { total: this.#is.total })
    if (this.#named !== location.hash) void this.#showNamed()
    await this.#askForOwn()
  }

  /** Whether the page's address names a comment. */
  #isNamedHere(): boolean {
    return /^#comment-[\da-f-]{36}$/.test(location.hash)
  }

  /** Goes to the comment that the page's address names, on whichever page of the list it is. */
  async #showNamed(): Promise<void> {
    const id = location.hash.slice(1 + anchorOf('').length)
    if (!this.#isNamedHere() || this.#state !== 'shown') return
    for (let page = 0; page < mostPages && !this.#comments.has(id) && this.#is.next !== null; page++)
      if (!(await this.#fetch(this.#is.next))) return
    this.#named = location.hash
    this.#commentElement(id)?.scrollIntoView()
  }

  #commentElement(id: string): HTMLElement | null {
    return this.querySelector(`#${CSS.escape(anchorOf(id))}`)
  }

  #clicked(event: MouseEvent): void {
    const target = (event.target as Element).closest<HTMLElement>('a,button')
    if (target === null || event.ctrlKey || event.metaKey || event.shiftKey) return
    const action = target.className.replace('imprimatur-', '')
    const { id = '' } = target.dataset
    if (action === 'reply') this.reply(target.closest('article')?.id.slice(anchorOf('').length) ?? '')
    else if (action === 'cancel') this.#cancelReply()
    else if (action === 'more') void this.#more()
    else if (action === 'show' || action === 'again')
      void this.#fetch().then(() => this.#focus('.imprimatur-count'))
    else if (action === 'withdraw') this.#ask(id, true)
    else if (action === 'keep') this.#ask(id, false)
    else if (action === 'confirm') void this.#withdraw(id)
    else return
    event.preventDefault()
  }

  #cancelReply(): void {
    const id = this.#is.parent?.id
    this.#is.parent = null
    this.#render()
    if (id !== undefined) this.#commentElement(id)?.querySelector<HTMLElement>('.imprimatur-reply')?.focus()
  }

  async #more(): Promise<void> {
    if (this.#is.next === null) return
    const before = this.#comments.size
    if (!(await this.#fetch(this.#is.next))) return
    this.#commentElement([...this.#comments.keys()][before] ?? '')?.focus()
  }

  #submitted(event: Event): void {
    const form = event.target as HTMLFormElement
    if (!form.matches('.imprimatur-form')) return
    event.preventDefault()
    if (!this.#isSending) void this.#send(form)
  }

  async #send(form: HTMLFormElement): Promise<void> {
    const words = this.#words
    if (words === null || !this.#tell('submit', {}, true)) return
    const { name = '', email = '', body = '', trap } = this.#typed(form)
    this.#isSending = true
    this.#is.errors = {}
    this.#is.fault = this.#is.thanks = null
    this.#render()
    const is = this.#is
    const shownForMs = Math.round(performance.now() - this.#shownAt)
    const parentId = is.parent?.id ?? null
    const submission = { author: { name, email }, body, parentId, form: { trap, shownForMs } }
    const answer = await loadSending().then(
      ({ send }) => send(this.#path('comments'), submission, words, this.#locale),
      () => ({ problem: null, errors: {}, fault: words.notSent, isClosed: false, isParentGone: false }),
    )
    if ('id' in answer) this.#tell('submitted', { id: answer.id, status: 'pending' })
    else this.#tell('failed', { problem: answer.problem })
    if (is !== this.#is) return
    this.#isSending = false
    if ('id' in answer) {
      is.thanks = this.#slots().thanks ?? words.submitted ?? answer.message
      is.parent = null
      drafts.delete(this.#source)
      ;(form.elements.namedItem('body') as HTMLTextAreaElement).value = ''
      this.#shownAt = performance.now()
      void this.#askForOwn(answer)
    } else {
      is.errors = answer.errors
      is.fault = answer.fault
      is.isClosed ||= answer.isClosed
      if (answer.isParentGone)
        is.parent = null
        // Whoever has filled in what nobody sees does not see it now.
      ;(form.elements.namedItem(trapField) as HTMLInputElement).value = ''
    }
    this.#render()
    this.#focus(is.thanks === null ? '[aria-invalid],.imprimatur-send' : '.imprimatur-status')
  }

  #typed(form: HTMLFormElement): Partial<Record<FormField, string>> & { trap: string } {
    const data = new FormData(form)
    const of = (name: string) => String(data.get(name) ?? '').replaceAll('\r\n', '\n')
    return { ...Object.fromEntries(formFields.map((name) => [name, of(name)])), trap: of(trapField) }
  }

  #keepDraft(): void {
    const { form } = this.#kept
    if (!(form instanceof HTMLFormElement)) return
    loadSending().catch(() => {})
    const { trap: _, ...draft } = this.#typed(form)
    drafts.set(this.#source, draft)
  }

  /** Where the page lets receipts be kept. */
  async #askForOwn(sent?: { id: string; receipt: string }): Promise<void> {
    if (!this.hasAttribute('keep-receipts')) {
      this.#own = null
      return
    }
    const is = this.#is
    const file: typeof import('./own.ts') = await import(partUrl('own.js'))
    if (is !== this.#is) return
    this.#own ??= new file.OwnComments(serviceOf(this), this.#article)
    if (sent !== undefined) this.#own.keep(sent)
    await this.#own.ask()
    this.#render()
  }

  #ask(id: string, isAsked: boolean): void {
    this.#own?.setAsked(id, isAsked)
    this.#render()
    this.#focus(`.imprimatur-${isAsked ? 'keep' : 'withdraw'}[data-id="${id}"]`)
  }

  async #withdraw(id: string): Promise<void> {
    const { isGone, text } = (await this.#own?.withdraw(id, this.#words ?? {})) ?? {
      isGone: false,
      text: null,
    }
    this.#is.thanks = text
    if (isGone && this.#comments.delete(id) && this.#is.total !== null) this.#is.total -= 1
    this.#render()
    this.#focus('.imprimatur-status')
  }

  #render(): void {
    const words = this.#words
    if (words === null || this.#connection === null) return
    // The page around it speaks another language by now.
    if (localeIn(this) !== this.#asked) void this.#start()
    if (this.#root === null) {
      this.#root = document.createElement('section')
      this.append(this.#root)
    }
    const hadForm = this.#kept.form
    update(this.#root, threadTree(this.#view(words)), this.#kept)
    const { form } = this.#kept
    if (!(form instanceof HTMLFormElement) || (form === hadForm && this.#shownAt > 0)) return
    this.#shownAt = performance.now()
    for (const [name, value] of Object.entries(drafts.get(this.#source) ?? {})) {
      const field = form.elements.namedItem(name) as HTMLInputElement | null
      if (field !== null && field.value === '') field.value = value
    }
  }

  #view(words: PageWords & Partial<Words>): ThreadView {
    const locale = this.#locale
    const thread = `${serviceOf(this)}/thread/${encodeURIComponent(this.#article)}?`
    const page = (query?: Record<string, string>) =>
      thread + new URLSearchParams({ lang: locale, ...this.#order(), ...query })
    const replyHref = page({ reply: '' })
    const isThere = this.#state === 'shown'
    return {
      articleId: this.#article,
      language: locale,
      direction: directionOf(locale),
      words,
      ...this.#is,
      comments: [...this.#comments.values()],
      nextHref: this.#is.next === null ? null : page({ cursor: this.#is.next }),
      firstHref: this.#is.first,
      feedHref: isThere ? `${this.#path('comments.atom')}?lang=${languageOf(locale)}` : null,
      tell: momentsIn(locale, undefined, Date.now()),
      heading: numberIn(this.getAttribute('heading'), 2, 6, 2),
      depth: numberIn(this.getAttribute('depth'), 0, 9, 3),
      replyHref: (commentId) => replyHref + commentId,
      formAt: isThere ? placeOf(this.getAttribute('form')) : 'none',
      form: {
        action: `${thread}lang=${locale}`,
        values: {},
        ...this.#is,
        cancelHref: page(),
        isSending: this.#isSending,
        rulesUrl: this.getAttribute('rules'),
        privacyUrl: this.getAttribute('privacy'),
      },
      instead: isThere ? undefined : this.#instead(words),
      own: this.#own?.tree(words),
      slots: this.#slots(),
    }
  }

  #slots(): NonNullable<ThreadView['slots']> {
    return Object.fromEntries(
      slotNames
        .filter((name) => this.#template(name) !== null)
        .map((name) => [name, h('div', { class: 'imprimatur-slot', 'data-slot': name })]),
    )
  }

  #instead(words: PageWords): Child {
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

  /** Tells the page; `false` where it said no. */
  #tell(name: string, detail: object, cancelable = false): boolean {
    return this.dispatchEvent(new CustomEvent(`imprimatur-${name}`, { bubbles: true, cancelable, detail }))
  }
}

/** What is known of an article that nothing was heard of. */
function nothing(): Omit<ReadThread, 'comments'> {
  return {
    total: null,
    isClosed: false,
    next: null,
    first: null,
    parent: null,
    errors: {},
    fault: null,
    thanks: null,
    ownWords: null,
    key: null,
    shownAtMs: null,
  }
}

function buttonOf(action: string, text: string): Child {
  return h('button', { type: 'button', class: `imprimatur-${action}` }, text)
}

function placeOf(text: string | null): ThreadView['formAt'] {
  return text === 'above' || text === 'none' ? text : 'below'
}

function numberIn(text: string | null, least: number, most: number, fallback: number): number {
  const number = parseInt(text ?? '', 10)
  return number >= least && number <= most ? number : fallback
}

/** Asked for when somebody begins to write, so that it is there when the service is not. */
function loadSending(): Promise<typeof import('./sending.ts')> {
  return import(partUrl('sending.js'))
}

/** The one style, unless the page has it already, or a style of its own instead. */
function addStyle(): void {
  if (document.querySelector('link[rel~=stylesheet][href*="/embed/comments"],[data-imprimatur=style]')) return
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = partUrl('comments.css')
  document.head.append(link)
}
