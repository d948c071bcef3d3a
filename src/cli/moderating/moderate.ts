import { createInterface, emitKeypressEvents, type Interface, type Key } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'
import { CommandError } from '../command-error.ts'
import { type EndingSignal, exitCodes, takeSignals } from '../signals.ts'
import type { Terminal } from '../terminal.ts'
import { type Desk, lookEveryMs, openDesk, renewEveryMs } from './desk.ts'
import { drawn, keyLines, type Line, linesOf, reasonLines, roomFor, type Size } from './screen.ts'
import { type FilterOptions, placesOf } from './search.ts'
import { type ConnectionOptions, connect } from './service.ts'
import { lineOf } from './text.ts'
import type { QueuedComment } from './wire.ts'

export type ModerateOptions = ConnectionOptions & FilterOptions & { order?: string }

/** Of the process's own streams what a screen needs. */
type Keyboard = Pick<ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'> & NodeJS.ReadableStream
type Display = Pick<WriteStream, 'write' | 'on' | 'off' | 'columns' | 'rows'> & NodeJS.WritableStream

type Mode = 'card' | 'reasons' | 'keys' | 'typing'

type Work = () => Promise<void>

/** A terminal's own screen beside the one with what was typed before, and its cursor. */
const enterScreen = '\u001b[?1049h\u001b[?25l'
const leaveScreen = '\u001b[?25h\u001b[?1049l'

/** How long a signal waits for claims to be given back; they end by themselves as well. */
const releaseMs = 3_000

const feet = [
  'a approve  r reject  s skip  u undo  o reopen  c context  n note  ? keys  q quit',
  'a r s u o c n ? keys q quit',
  '? keys',
]

export async function moderateCommand(
  terminal: Terminal,
  options: ModerateOptions,
  clock: () => number,
): Promise<void> {
  const { keyboard, display } = screenOf(terminal)
  const { order } = options
  const service = await connect(
    // Over the screen nothing is written past it.
    { ...terminal, stderr: { write: (text) => desk.say(lineOf(text)) } },
    options,
  )
  const desk: Desk = openDesk(
    service,
    { where: placesOf(options), ...(order !== undefined && { order }) },
    clock,
  )
  await desk.start()
  const ended = await run(desk, keyboard, display, terminal.env, clock)
  await Promise.race([
    desk.release().catch(() => {}),
    new Promise((resolve) => setTimeout(resolve, releaseMs).unref()),
  ])
  const { approve, reject, reopen, skip } = desk.tally()
  terminal.stderr.write(`${approve} approved, ${reject} rejected, ${reopen} reopened, ${skip} skipped.\n`)
  if (ended !== 'quit') throw new CommandError([], exitCodes[ended])
}

function screenOf({ stdin, stdout }: Terminal): { keyboard: Keyboard; display: Display } {
  if (stdin?.isTTY !== true || stdout.isTTY !== true)
    throw new CommandError([
      'imprimatur moderate needs a terminal for its keys. In a pipe there are queue, approve, reject and undo.',
    ])
  // Where they say so, they are the process's own, or a test's of the same shape.
  return { keyboard: stdin as unknown as Keyboard, display: stdout as unknown as Display }
}

/** Shows and decides until somebody has enough; whatever ends it, the terminal is as it was. */
async function run(
  desk: Desk,
  keyboard: Keyboard,
  display: Display,
  env: Terminal['env'],
  clock: () => number,
): Promise<'quit' | EndingSignal> {
  const end = Promise.withResolvers<'quit' | EndingSignal>()
  const language = languageOf(env)
  const isStyled = (env['NO_COLOR'] ?? '') === ''
  let mode: Mode = 'card'
  let shown: QueuedComment | null = null
  let isBusy = false
  let isLeaving = false
  let isOpen = false
  let from = 0
  let drawnLast = ''
  let isOver = false
  let typing: Interface | null = null

  const sizeOf = (): Size => ({ columns: display.columns || 80, rows: display.rows || 24 })

  function middle(): Line[] {
    if (mode === 'keys') return keyLines(sizeOf())
    const card = linesOf({ comment: shown, context: desk.context(), isOpen, nowMs: clock() }, sizeOf())
    if (mode !== 'reasons') return card
    // The text stays above the reasons, as far as there is room.
    const reasons = reasonLines(desk.reasons(), language, sizeOf())
    return [
      ...card.slice(0, Math.max(0, roomFor({ said: desk.said() }, sizeOf()) - reasons.length)),
      ...reasons,
    ]
  }

  function draw(): void {
    if (mode === 'typing' || isOver) return
    const now = desk.current()
    if (now?.id !== shown?.id) from = 0
    shown = now
    if (mode === 'reasons' && desk.isUnseen()) mode = 'card'
    const size = sizeOf()
    const lines = middle()
    from = Math.max(0, Math.min(from, lines.length - roomFor({ said: desk.said() }, size)))
    const head = ` ${desk.pending()} pending · ${desk.mine()} yours · ${lineOf(desk.me())}${isBusy ? ' · …' : ''}`
    const texts = drawn({ head, said: desk.said(), feet }, lines, mode === 'card' ? from : 0, size, isStyled)
    const drawing = `\u001b[H${texts.map((text) => `${text}\u001b[K`).join('\r\n')}\u001b[J`
    if (drawing !== drawnLast) display.write(drawing)
    drawnLast = drawing
  }

  /** One at a time: a key that comes meanwhile was pressed for what is no longer there, and is dropped. */
  async function doing(work: Work): Promise<void> {
    isBusy = true
    mode = 'card'
    try {
      await work()
      if (desk.current() === null && !isOver) await desk.claim()
    } catch (error) {
      tell(error)
    }
    isBusy = false
    if (isLeaving) end.resolve('quit')
    if (isOver || isLeaving) return
    draw()
    inBackground(desk.claim)
    inBackground(desk.look)
  }

  function inBackground(work: Work): void {
    work().catch(tell).then(draw)
  }

  /** A service that is away for a moment ends nothing: the same key does it again. */
  function tell(error: unknown): void {
    if (error instanceof CommandError) desk.say(error.lines.map(lineOf).join(' '))
    /* c8 ignore next: a fault of this program, which ends it. */ else end.reject(error)
  }

  /** A line of text, or null where it was left by Esc. Node.js edits it. */
  async function typed(prompt: string): Promise<string | null> {
    mode = 'typing'
    display.write(`\u001b[${sizeOf().rows};1H\u001b[K\u001b[?25h`)
    const lines = createInterface({ input: keyboard, output: display, terminal: true })
    typing = lines
    const answer = await new Promise<string | null>((resolve) => {
      const leave = (_: unknown, key: Key) => {
        if (key.name === 'escape') resolve(null)
      }
      keyboard.on('keypress', leave)
      lines.question(prompt, resolve)
      lines.on('SIGINT', () => {
        isOver = true
        end.resolve('SIGINT')
        resolve(null)
      })
      lines.on('close', () => {
        keyboard.off('keypress', leave)
        resolve(null)
      })
    })
    lines.close()
    typing = null
    if (isOver) return null
    keyboard.setRawMode(true)
    keyboard.resume()
    display.write('\u001b[?25l')
    drawnLast = ''
    mode = 'card'
    const text = answer?.trim() ?? ''
    return text === '' ? null : text
  }

  function pressed(text: string | undefined, key: Key): void {
    if (mode === 'typing') return
    if (key.ctrl && key.name === 'c') end.resolve('SIGINT')
    // Node.js takes Esc alone for the beginning of a key with Alt.
    if (key.ctrl || (key.meta && key.name !== 'escape')) return
    if (isBusy) {
      // What is on its way is finished first.
      if (text === 'q') isLeaving = true
      return
    }
    const work = mode === 'card' ? onCard(text, key) : mode === 'reasons' ? onReasons(text, key) : null
    if (mode === 'keys' && text !== '?') mode = 'card'
    if (work === null) draw()
    else void doing(work)
  }

  function onReasons(text: string | undefined, key: Key): Work | null {
    const comment = shown
    if (comment === null || key.name === 'escape') {
      mode = 'card'
      return null
    }
    if (key.name === 'return' || key.name === 'enter') return () => desk.decide(comment, 'reject')
    if (text === '/')
      return async () => {
        const reason = await typed('Reason: ')
        if (reason !== null) await desk.decide(comment, 'reject', { reason })
      }
    const index = reasonKeys.map((keys) => keys.indexOf(text || '\0')).find((found) => found >= 0)
    const reason = index === undefined ? undefined : desk.reasons()[index]
    return reason === undefined ? null : () => desk.decide(comment, 'reject', { reasonCode: reason.code })
  }

  function onCard(text: string | undefined, { name = '' }: Key): Work | null {
    const page = Math.max(1, roomFor({ said: desk.said() }, sizeOf()) - 1)
    from += { up: -1, down: 1, pageup: -page, pagedown: page, space: page, b: -page }[name] ?? 0
    if (text === 'q') end.resolve('quit')
    if (text === '?') mode = 'keys'
    if (text === 'u') return desk.undo
    const comment = shown
    if (comment === null) return null
    if (desk.isUnseen() && (text === 'a' || text === 'r' || text === 'o')) {
      desk.see()
      return null
    }
    switch (text) {
      case 'a':
        return () => desk.decide(comment, 'approve')
      case 'o':
        return () => desk.decide(comment, 'reopen')
      case 's':
        return async () => desk.skip(comment)
      case 'n':
        return async () => {
          const note = await typed('Note: ')
          if (note !== null) await desk.note(comment, note)
        }
      case 'r':
        mode = 'reasons'
        return null
      case 'c':
        isOpen = !isOpen
        return null
      default:
        return null
    }
  }

  const redraw = () => {
    drawnLast = ''
    draw()
  }
  const hangUp = () => end.resolve('SIGHUP')
  const timers = [
    setInterval(() => inBackground(desk.renew), renewEveryMs),
    setInterval(() => {
      if (!isBusy)
        inBackground(async () => {
          await desk.follow()
          await desk.claim()
          await desk.look()
        })
    }, lookEveryMs),
  ]
  const forget = takeSignals(end.resolve)
  emitKeypressEvents(keyboard)
  keyboard.setRawMode(true)
  keyboard.on('keypress', pressed)
  keyboard.on('end', () => end.resolve('quit'))
  keyboard.resume()
  display.on('resize', redraw)
  // A terminal that was closed.
  display.on('error', hangUp)
  display.write(enterScreen)
  draw()
  inBackground(desk.look)
  try {
    return await end.promise
  } finally {
    for (const timer of timers) clearInterval(timer)
    isOver = true
    // Set by what is called above, which the compiler does not see.
    ;(typing as Interface | null)?.close()
    display.off('resize', redraw)
    keyboard.off('keypress', pressed)
    keyboard.setRawMode(false)
    keyboard.pause()
    display.write(leaveScreen)
    forget()
  }
}

/** With Shift and without on a French keyboard. */
const reasonKeys = ['1234567890', '&é"\'(-è_çà']

function languageOf(env: Terminal['env']): string {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || ''
  return /^[a-z]{2}/.exec(locale)?.[0] ?? 'en'
}
