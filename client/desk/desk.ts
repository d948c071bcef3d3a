import { type Call, callsWith, isMissing } from './api.ts'
import { Asking } from './asking.ts'
import type { CardAction, World } from './card.ts'
import { Cards } from './cards.ts'
import { ContextPanel } from './context.ts'
import { Decisions } from './decisions.ts'
import { fill } from './dom.ts'
import { drawCounts, drawFoot, drawNumbers, type Told } from './drawing.ts'
import { Follower } from './follow.ts'
import { type Frame, type ListName, makeFrame } from './frame.ts'
import { type Command, commandReader, isField } from './keys.ts'
import { Lists } from './lists.ts'
import { openMatching } from './matching.ts'
import { choiceOf, keepChoice } from './memory.ts'
import { hasModifier } from './panels.ts'
import { type Chosen, isOpen, nothingChosen, type Row, verdictsOf } from './rows.ts'
import { type SearchForm, searchForm } from './search-form.ts'
import { Selection } from './selection.ts'
import { openSheet } from './sheet.ts'
import { Voice } from './voice.ts'
import type { Filter, QueuedComment, Reason, Summary, Verdict, ViewedComment } from './wire.ts'
import { type Language, languages, type Words } from './words.ts'

const followEveryMs = 5_000
const sumUpEveryMs = 30_000
const renewEveryMs = 100_000
const tellTimeEveryMs = 60_000
/** After a decision the numbers are asked for again, once for all that are made in a row. */
const sumUpAfterMs = 1_000
/** A comment that somebody only passes on the way is not asked about. */
const dwellMs = 250

export type SignedIn = { token: string; summary: Summary | null }

type Options = {
  language: Language
  languageSwitch: () => HTMLElement
  /** The service does not take the token any more, or it was given back. */
  ended: (why: 'invalid' | 'scope' | null) => void
}

/** One moderator's desk: which list is shown, which card is current, where the focus is; and what each key does. */
export class Desk {
  readonly #options: Options
  readonly #keys = commandReader()
  readonly #decisions: Decisions
  readonly #cards: Cards
  readonly #lists: Lists
  readonly #selection: Selection
  readonly #voice: Voice
  readonly #context: ContextPanel
  readonly #asking: Asking
  #timers: ReturnType<typeof setInterval>[] = []
  #language: Language
  #words: Words
  #frame: Frame
  #search: SearchForm
  #call: Call | null = null
  #follower: Follower | null = null
  #summary: Summary | null = null
  #reasons: readonly Reason[] = []
  /** Or there are none. */
  #hasReasons = false
  #shown: ListName = 'mine'
  #current: Row | null = null
  #hasKeys = choiceOf('keys') !== 'off'
  #isSingle = false
  /** Whether the focus goes to the first card that comes. */
  #awaitsCard = false
  #dwellTimer: ReturnType<typeof setTimeout> | undefined
  #sumUpTimer: ReturnType<typeof setTimeout> | undefined

  constructor(options: Options) {
    this.#options = options
    this.#language = options.language
    this.#words = languages[options.language]
    this.#voice = new Voice(
      () => this.#words,
      () => this.#frame.status,
    )
    this.#context = new ContextPanel({
      call: () => this.#call,
      world: () => this.#world,
      frame: () => this.#frame,
      find: (filter) => void this.#find(filter),
      told: (row) => this.#redraw(row),
    })
    this.#asking = new Asking({
      call: () => this.#call,
      world: () => this.#world,
      hasKeys: () => this.#hasKeys,
      reject: (row, chosen) => this.#decideOne(row, 'reject', chosen),
      close: (row) => this.#closePanel(row),
      erased: (row) => {
        const top = this.#cards.topOf(row)
        this.#decisions.noteMade(row)
        this.#cards.draw(row)
        this.#advance(row, top)
        this.#sumUpSoon()
      },
      refused: async (row, isStale) => {
        if (isStale) await this.#follow()
        this.#redraw(row)
      },
      say: (text) => this.#voice.say(text),
    })
    this.#cards = new Cards({
      world: () => this.#world,
      panel: (row) => this.#asking.panel(row),
      reached: (row) => this.#reach(row),
      interrupted: () => this.#keys.pause(),
    })
    this.#decisions = new Decisions({
      call: () => this.#call,
      find: (id) => this.#cards.find(id),
      changed: (rows) => {
        for (const row of rows) this.#redraw(row)
      },
      made: (sendings) => {
        this.#voice.made(sendings)
        void this.#lists.claimAgain(sendings.flatMap(({ row, isUndo }) => (isUndo ? [row] : [])))
        this.#sumUpSoon()
      },
      refused: (sending) => {
        this.#voice.refused(sending)
        this.#drawAround()
      },
      stuck: () => this.#voice.say(this.#words.stuck(this.#decisions.unsent)),
      elsewhere: (row, decision) => {
        if (this.#cards.isWrittenIn(row)) this.#keys.pause()
        this.#redraw(row)
        this.#drawAround()
        if (row === this.#current) this.#voice.elsewhere(decision)
      },
    })
    this.#lists = new Lists({
      call: () => this.#call,
      me: () => this.#me,
      row: (comment) => this.#rowOf(comment),
      isKept: (row) => row === this.#current || this.#decisions.isUndoable(row),
      changed: (name) => this.#arrived(name),
    })
    this.#selection = new Selection({
      words: () => this.#words,
      language: () => this.#language,
      reasons: () => this.#reasons,
      hasKeys: () => this.#hasKeys,
      rows: () => this.#lists.get(this.#shown).rows,
      changed: (rows) => {
        for (const row of rows) this.#cards.draw(row)
      },
      decide: (rows, verdict, chosen) => {
        const from = this.#current !== null && rows.includes(this.#current) ? this.#current : rows[0]
        if (from !== undefined) this.#decide(rows, from, verdict, chosen)
      },
      matching: () => (this.#shown === 'found' ? () => void this.#decideMatching() : null),
      left: () => this.#focusSomewhere(),
    })
    ;({ frame: this.#frame, search: this.#search } = this.#build())
    this.#listen()
  }

  get root(): HTMLElement {
    return this.#frame.root
  }

  /** Whose decisions wait to be sent, and whether something is being written, in words; empty where there is neither. */
  unsent(words: Words): string {
    const waiting = this.#decisions.waiting.map(({ name, size }) => words.waitUntilSignedIn(size, name))
    return [...waiting, ...(this.#lists.isBegun ? [words.begunWaits] : [])].join(' ')
  }

  get #me(): string | null {
    return this.#summary?.moderator ?? null
  }

  get #world(): World {
    return {
      words: this.#words,
      language: this.#language,
      me: this.#me,
      reasons: this.#reasons,
      act: (row, action) => this.#act(row, action),
    }
  }

  get #told(): Told {
    return { words: this.#words, language: this.#language, me: this.#me, summary: this.#summary }
  }

  /** With a token; also once more, with what waited meanwhile. */
  async start({ token, summary }: SignedIn): Promise<void> {
    const call: Call = callsWith(token, (why) => {
      // What was asked with a token before this one tells nothing of it.
      if (this.#call === call) this.#stop(why)
    })
    this.#call = call
    this.#follower = new Follower(call)
    this.#summary = summary
    const { rows, isSame } = this.#decisions.begin(summary?.moderator ?? token, this.#me)
    if (!isSame) this.#forget()
    this.#cards.adopt(rows)
    this.#lists.begin(call, rows)
    this.#current = null
    this.#rebuild()
    this.#frame.heading.focus()
    const others = this.#decisions.waitingForOthers
    if (others.length > 0)
      this.#voice.say(others.map(({ name, size }) => this.#words.waitUntilSignedIn(size, name)).join(' '))
    this.#timers = [
      setInterval(() => void this.#follow(), followEveryMs),
      setInterval(() => void this.#sumUp(), sumUpEveryMs),
      setInterval(() => void this.#renew(), renewEveryMs),
      setInterval(() => this.#cards.tellTime(), tellTimeEveryMs),
    ]
    this.#decisions.send()
    // Before any list: what is decided while one is on its way must not be missed.
    await Promise.all([this.#follower.begin(), this.#loadReasons(call)])
    // Who has chosen a list meanwhile stays there.
    if (this.#lists.get(this.#shown).state === 'new') await this.#open('mine', false)
    // Where nobody claims anything yet, there is still the queue.
    if (this.#shown === 'mine' && this.#lists.get('mine').state === 'missing')
      await this.#open('pending', false)
  }

  setLanguage(language: Language): void {
    this.#language = language
    this.#words = languages[language]
    const { element } = this.#search
    this.#rebuild()
    this.#search.take(element)
  }

  #stop(why: 'invalid' | 'scope' | null): void {
    if (this.#call === null) return
    this.#call = null
    this.#follower = null
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers = []
    clearTimeout(this.#dwellTimer)
    this.#options.ended(why)
  }

  #signOut(): void {
    const { unsent } = this.#decisions
    if (unsent > 0) {
      this.#voice.say(this.#words.notSentYet(unsent))
      return
    }
    this.#lists.release()
    this.#decisions.forget()
    this.#forget()
    this.#rebuild()
    this.#stop(null)
  }

  /** Nothing of anybody stays in the page. */
  #forget(): void {
    this.#lists.forget()
    this.#cards.forget()
    this.#selection.forget()
    this.#current = null
    this.#context.isOpen = false
  }

  // ---------------------------------------------------------------- the frame

  #build(): { frame: Frame; search: SearchForm } {
    const search = searchForm(this.#words, this.#language, this.#reasons, (filter) => void this.#find(filter))
    const frame = makeFrame({
      words: this.#words,
      me: this.#me,
      language: this.#options.languageSwitch(),
      search,
      hasKeys: this.#hasKeys,
      open: (list) => void this.#open(list),
      setKeys: (on) => {
        this.#hasKeys = on
        keepChoice('keys', on ? 'on' : 'off')
      },
      help: () => openSheet(this.#words),
      signOut: () => this.#signOut(),
      undo: () => this.#undo(),
      closeContext: () => this.#toggleContext(),
    })
    return { frame, search }
  }

  /** In other words, or with what was not known before. */
  #rebuild(): void {
    const before = this.#frame.root
    ;({ frame: this.#frame, search: this.#search } = this.#build())
    before.replaceWith(this.#frame.root)
    this.#cards.redrawAll()
    this.#drawList()
    drawNumbers(this.#frame, this.#told)
    this.#context.show(this.#current)
  }

  #drawList(): void {
    const { rows, state } = this.#lists.get(this.#shown)
    const { heading, cards, main, selection } = this.#frame
    fill(heading, this.#words[this.#shown])
    main.toggleAttribute('data-single', this.#isSingle)
    cards.setAttribute('aria-busy', `${state === 'loading'}`)
    this.#cards.show(cards, rows, this.#current)
    this.#selection.drawIn(selection)
    this.#drawAround()
  }

  /** All but the cards. */
  #drawAround(): void {
    const name = this.#shown
    drawFoot(this.#frame, this.#lists, name, this.#words, {
      open: () => void this.#open(name),
      take: () => void this.#takeMore(),
      more: () => void this.#showMore(),
    })
    drawCounts(this.#frame, this.#lists, name, this.#told)
    this.#selection.draw()
    this.#frame.undo.setAttribute('aria-disabled', `${!this.#decisions.canUndo}`)
  }

  // ---------------------------------------------------------------- the lists

  /** Where nobody asked for it, nobody who has begun to write is called away. */
  async #open(name: ListName, isAsked = true): Promise<void> {
    this.#shown = name
    this.#current = null
    this.#awaitsCard = true
    const loading = this.#lists.load(name)
    if (isAsked || !isField(document.activeElement)) this.#frame.heading.focus({ preventScroll: true })
    scrollTo(0, 0)
    await loading
  }

  async #find(filter: Filter): Promise<void> {
    this.#lists.filter = filter
    await this.#open('found')
  }

  async #showMore(): Promise<void> {
    this.#focusFirstOf(await this.#lists.more(this.#shown))
  }

  async #takeMore(): Promise<void> {
    try {
      const taken = await this.#lists.take(true)
      if (taken === null) return
      if (taken.length > 0) this.#focusFirstOf(taken)
      else this.#voice.say(this.#words.emptyMine)
    } catch {
      this.#voice.say(this.#words.whyUnreachable)
    }
  }

  /** What a list tells now is how it is: nothing that was said of it before holds, but what is not settled. */
  #rowOf(comment: QueuedComment): Row {
    const row = this.#cards.rowOf(comment)
    if (row.mark !== null && row.mark.kind !== 'sending' && row.mark.kind !== 'refused') row.mark = null
    this.#cards.draw(row)
    return row
  }

  #arrived(name: ListName): void {
    if (name !== this.#shown) {
      this.#drawAround()
      return
    }
    this.#cards.keepingHeight(this.#current, () => this.#drawList())
    const first = this.#lists.get(name).rows.find(isOpen)
    if (!this.#awaitsCard || first === undefined) return
    this.#awaitsCard = false
    // Nobody who has begun to write is called away.
    if (!isField(document.activeElement)) this.#cards.focus(first)
  }

  #focusFirstOf(rows: readonly Row[]): void {
    const first = rows.find(isOpen)
    if (first === undefined || !this.#cards.focus(first)) this.#focusSomewhere()
  }

  // ---------------------------------------------------------------- the current card

  /** The focus has come to a card, by whatever way. */
  #reach(row: Row): void {
    if (this.#current === row) return
    const before = this.#current
    this.#current = row
    for (const one of [before, row]) if (one !== null) this.#cards.setCurrent(one, one === row)
    clearTimeout(this.#dwellTimer)
    this.#dwellTimer = setTimeout(() => void this.#look(row), dwellMs)
  }

  /** Asks for what belongs to the card before somebody decides: its log, or all that stands around it. */
  async #look(row: Row): Promise<void> {
    if (this.#call === null || this.#current !== row) return
    if (this.#context.isOpen) return this.#context.show(row)
    if (row.decisions !== null) return
    try {
      const { decisions } = await this.#call<ViewedComment>('GET', `comments/${row.comment.id}`)
      row.decisions = decisions
      this.#redraw(row)
    } catch {
      // Without its log it can be decided as well.
    }
  }

  #redraw(row: Row): void {
    this.#cards.keepingHeight(this.#current, () => this.#cards.draw(row))
  }

  #move(step: 1 | -1): void {
    const { rows, nextCursor } = this.#lists.get(this.#shown)
    const at = this.#current === null ? -1 : rows.indexOf(this.#current)
    const next =
      step === 1 ? rows.slice(at + 1).find(isOpen) : rows.slice(0, Math.max(0, at)).findLast(isOpen)
    if (next !== undefined) this.#cards.focus(next)
    else if (step === 1 && nextCursor !== null) void this.#showMore()
    else if (step === 1) this.#voice.say(this.#words.endOfList)
  }

  /** The next card that waits, where the one before was on the screen: the list does not jump under the hand. */
  #advance(from: Row, top: number | null): void {
    const { rows, nextCursor } = this.#lists.get(this.#shown)
    const at = rows.indexOf(from)
    const next = rows.slice(at + 1).find(isOpen) ?? rows.slice(0, Math.max(0, at)).findLast(isOpen)
    if (next !== undefined) this.#cards.focus(next, top)
    else {
      this.#awaitsCard = true
      this.#frame.heading.focus({ preventScroll: true })
      if (nextCursor !== null) void this.#showMore()
    }
    this.#lists.take(false).catch(() => {})
    this.#drawAround()
  }

  #focusSomewhere(): void {
    if (this.#current !== null && this.#cards.focus(this.#current)) return
    const first = this.#lists.get(this.#shown).rows.find(isOpen)
    if (first === undefined || !this.#cards.focus(first)) this.#frame.heading.focus({ preventScroll: true })
  }

  // ---------------------------------------------------------------- deciding

  #act(row: Row, action: CardAction): void {
    if (row !== this.#current) this.#reach(row)
    switch (action) {
      case 'approve':
      case 'reopen':
        this.#decideOne(row, action, nothingChosen)
        return
      case 'reject':
        this.#openPanel(row, 'reject')
        return
      case 'note':
      case 'erase':
        this.#openPanel(row, action)
        return
      case 'context':
        this.#toggleContext()
        return
      case 'select':
        row.isSelected = !row.isSelected && isOpen(row)
        this.#redraw(row)
        this.#drawAround()
        return
      case 'skip': {
        if (row.mark !== null) {
          this.#move(1)
          return
        }
        const top = this.#cards.topOf(row)
        row.mark = { kind: 'skipped' }
        row.panel = null
        this.#cards.draw(row)
        this.#drawAround()
        this.#advance(row, top)
        return
      }
      case 'leave':
      case 'anyway':
        this.#resolve(row, action)
        return
      case 'send':
        this.#decisions.send()
        return
    }
  }

  /** Somebody was first: their decision stands, or this one is made on what is there now. */
  #resolve(row: Row, how: 'leave' | 'anyway'): void {
    const { mark } = row
    const top = this.#cards.topOf(row)
    row.mark = null
    if (how === 'anyway' && mark?.kind === 'refused') {
      this.#decide([row], row, mark.verdict, mark.again)
      return
    }
    if (how === 'leave' && mark?.kind === 'refused' && mark.decision !== null)
      row.mark = { kind: 'elsewhere', decision: mark.decision }
    else if (how === 'leave') row.mark = { kind: 'skipped' }
    this.#cards.draw(row)
    if (how === 'leave') this.#advance(row, top)
    else this.#cards.focus(row)
  }

  #openPanel(row: Row, panel: NonNullable<Row['panel']>): void {
    const isPossible =
      panel === 'reject'
        ? verdictsOf(row).includes('reject')
        : row.mark === null || row.mark.kind === 'skipped'
    if (!isPossible) return
    row.panel = panel
    // On a small screen it would stand over what is asked.
    if (this.#context.isOpen && this.#contextCovers) {
      this.#context.isOpen = false
      this.#context.show(row)
    }
    this.#redraw(row)
    this.#cards.focusPanel(row)
  }

  #closePanel(row: Row): void {
    row.panel = null
    this.#cards.draw(row)
    this.#cards.focus(row)
  }

  #decideOne(row: Row, verdict: Verdict, chosen: Chosen): void {
    if (!verdictsOf(row).includes(verdict)) {
      if (row.mark?.kind === 'elsewhere') this.#voice.elsewhere(row.mark.decision)
      else if (row.mark === null && row.comment.status === 'pending')
        this.#voice.say(this.#words.alreadyPending)
      return
    }
    this.#decide([row], row, verdict, chosen)
  }

  #decide(rows: readonly Row[], from: Row, verdict: Verdict, chosen: Chosen): void {
    const top = this.#cards.topOf(from)
    this.#decisions.decide(rows, verdict, chosen)
    this.#advance(from, top)
  }

  async #decideMatching(): Promise<void> {
    const ids = this.#lists.get('found').rows.map(({ comment }) => comment.id)
    // Ids grow with time.
    const until = ids.sort().at(-1)
    if (this.#call === null || until === undefined) return
    try {
      await openMatching({
        words: this.#words,
        language: this.#language,
        reasons: this.#reasons,
        call: this.#call,
        where: this.#lists.filter,
        until,
        done: (text) => {
          this.#voice.say(text)
          this.#sumUpSoon()
          void this.#open('found')
        },
      })
    } catch (error) {
      this.#voice.say(isMissing(error) ? this.#words.missing : this.#words.whyUnreachable)
    }
  }

  #undo(): void {
    const rows = this.#decisions.undo()
    const [first] = rows ?? []
    if (rows === null) {
      this.#voice.say(this.#words.nothingToUndo)
      return
    }
    if (first === undefined) {
      this.#voice.say(this.#words.undoRefused)
      return
    }
    const { rows: shown } = this.#lists.get(this.#shown)
    if (!shown.includes(first)) shown.push(first)
    this.#cards.keepingHeight(this.#current, () => this.#drawList())
    this.#cards.focus(first)
    if (rows.every(({ mark }) => mark === null)) this.#voice.say(this.#words.undone)
  }

  // ---------------------------------------------------------------- what goes on by itself

  async #follow(): Promise<void> {
    if (document.visibilityState !== 'visible' || this.#follower === null) return
    this.#decisions.follow(await this.#follower.read())
  }

  async #sumUp(): Promise<void> {
    if (document.visibilityState !== 'visible' || this.#call === null) return
    try {
      this.#summary = await this.#call<Summary>('GET', 'summary')
    } catch {
      return
    }
    if (!this.#hasReasons) void this.#loadReasons(this.#call)
    drawNumbers(this.#frame, this.#told)
    this.#drawAround()
    const { counts, claimed } = this.#summary
    if (counts.pending > claimed.mine + claimed.others) this.#lists.takeAgain().catch(() => {})
  }

  #sumUpSoon(): void {
    clearTimeout(this.#sumUpTimer)
    this.#sumUpTimer = setTimeout(() => void this.#sumUp(), sumUpAfterMs)
  }

  async #renew(): Promise<void> {
    if (document.visibilityState !== 'visible' || this.#call === null) return
    try {
      for (const row of await this.#lists.renew()) this.#redraw(row)
    } catch {
      // The next time, or when the connection is back.
    }
  }

  /** Where nobody answers they are asked for again. What is being written meanwhile stays. */
  async #loadReasons(call: Call): Promise<void> {
    try {
      this.#reasons = (await call<{ reasons: Reason[] }>('GET', 'reasons')).reasons
    } catch (error) {
      this.#hasReasons = isMissing(error)
      return
    }
    this.#hasReasons = true
    this.#search.offer(this.#reasons)
    this.#cards.redrawAll((row) => row.panel === 'reject')
    this.#selection.drawAgain()
  }

  #toggleContext(): void {
    this.#context.isOpen = !this.#context.isOpen
    this.#context.show(this.#current)
    const covers = this.#context.isOpen && this.#contextCovers
    if (covers && this.#current !== null) this.#cards.focus(this.#current, 0)
    else if (!this.#context.isOpen) this.#focusSomewhere()
  }

  /** On a small screen it covers the lower half. */
  get #contextCovers(): boolean {
    return getComputedStyle(this.#frame.aside).position === 'fixed'
  }

  // ---------------------------------------------------------------- keys and focus

  #command(command: Command): void {
    const row = this.#current
    switch (command.do) {
      case 'next':
        this.#move(1)
        return
      case 'previous':
        this.#move(-1)
        return
      case 'undo':
        this.#undo()
        return
      case 'context':
        this.#toggleContext()
        return
      case 'search':
        this.#search.field.focus()
        return
      case 'help':
        openSheet(this.#words)
        return
      case 'single':
        this.#isSingle = !this.#isSingle
        this.#drawList()
        this.#focusSomewhere()
        return
      case 'list':
        void this.#open(command.list)
        return
      case 'approve-selected':
        this.#selection.decide('approve')
        return
      case 'reject-selected':
        this.#selection.reject()
        return
      default:
        if (row !== null) this.#act(row, command.do)
    }
  }

  #listen(): void {
    document.addEventListener('keydown', (event) => {
      if (this.#call === null || hasModifier(event) || event.isComposing || event.defaultPrevented) return
      if (document.querySelector('dialog[open]') !== null) return
      if (event.key === 'Escape') {
        if (isField(event.target)) this.#focusSomewhere()
        return
      }
      if (!this.#hasKeys || isField(event.target)) return
      const command = this.#keys.read(event)
      if (command === null) return
      event.preventDefault()
      this.#command(command)
    })
    document.addEventListener('pointerdown', () => this.#keys.resume())
    // Where what had the focus is gone, it goes to where the work is, and not to the top of the page.
    document.addEventListener('focusout', () =>
      setTimeout(() => {
        if (this.#call !== null && document.activeElement === document.body) this.#focusSomewhere()
      }),
    )
    document.addEventListener('visibilitychange', () => {
      void this.#renew()
      void this.#follow()
      void this.#sumUp()
    })
    addEventListener('online', () => this.#decisions.send())
    addEventListener('pagehide', () => this.#lists.release())
    addEventListener('pageshow', (event) => {
      if (event.persisted && this.#call !== null) void this.#open(this.#shown)
    })
    addEventListener('beforeunload', (event) => {
      if (this.#decisions.waiting.length > 0 || this.#lists.isBegun) event.preventDefault()
    })
  }
}
