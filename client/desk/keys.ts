/** What a key means on the desk. */
export type Command =
  | {
      do:
        | 'next'
        | 'previous'
        | 'approve'
        | 'reject'
        | 'undo'
        | 'reopen'
        | 'context'
        | 'note'
        | 'select'
        | 'skip'
    }
  | { do: 'search' | 'single' | 'help' | 'approve-selected' | 'reject-selected' }
  | { do: 'list'; list: 'pending' | 'approved' | 'rejected' | 'mine' }

const byLetter: Readonly<Record<string, Command>> = {
  j: { do: 'next' },
  k: { do: 'previous' },
  a: { do: 'approve' },
  r: { do: 'reject' },
  u: { do: 'undo' },
  o: { do: 'reopen' },
  c: { do: 'context' },
  n: { do: 'note' },
  x: { do: 'select' },
  s: { do: 'skip' },
  z: { do: 'single' },
}

const byShiftedLetter: Readonly<Record<string, Command>> = {
  a: { do: 'approve-selected' },
  r: { do: 'reject-selected' },
}

const afterG: Readonly<Record<string, Command>> = {
  p: { do: 'list', list: 'pending' },
  a: { do: 'list', list: 'approved' },
  r: { do: 'list', list: 'rejected' },
  m: { do: 'list', list: 'mine' },
}

/** How long a `g` waits for the letter that says where to. */
const afterGMs = 1_500

/** How long no key has to be pressed until letters are commands again, where a field has gone from under the hands. */
const pauseMs = 1_000

export type CommandReader = {
  read: (event: KeyboardEvent) => Command | null
  /** Somebody was writing and is not any more, through no doing of theirs: what they go on to type means nothing. */
  pause: () => void
  resume: () => void
}

/** Makes commands of keys. A key that is held down moves on, and decides nothing. */
export function commandReader(): CommandReader {
  let gAtMs = -Infinity
  let pausedUntilMs = -Infinity

  function read(event: KeyboardEvent): Command | null {
    if (event.timeStamp < pausedUntilMs) {
      pausedUntilMs = event.timeStamp + pauseMs
      return null
    }
    const letter = letterOf(event)
    const isAfterG = event.timeStamp - gAtMs < afterGMs
    gAtMs = -Infinity
    if (isAfterG && letter !== null && afterG[letter] !== undefined) return afterG[letter]
    if (letter === 'g' && !event.shiftKey) {
      gAtMs = event.timeStamp
      return null
    }
    if (event.key === '/') return { do: 'search' }
    if (event.key === '?') return { do: 'help' }
    const command = (letter !== null && (event.shiftKey ? byShiftedLetter : byLetter)[letter]) || null
    const isMove = command?.do === 'next' || command?.do === 'previous'
    return event.repeat && !isMove ? null : command
  }

  return {
    read,
    pause() {
      // In the time of the events.
      pausedUntilMs = performance.now() + pauseMs
    },
    resume() {
      pausedUntilMs = -Infinity
    },
  }
}

/** By what is written on the key; where that is another script's, by its place. */
export function letterOf({ key, code }: KeyboardEvent): string | null {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase()
  const isOtherScript = key.length === 1 && key > '\u007f'
  return isOtherScript && /^Key[A-Z]$/.test(code) ? code.slice(3).toLowerCase() : null
}

/** By its place: on some keyboards digits are written with Shift alone. Zero is the tenth. */
export function digitOf({ code }: KeyboardEvent): number | null {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1]
  return digit === undefined ? null : Number(digit) || 10
}

/** Where keys write, or choose. */
export function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches(
        'textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])',
      ))
  )
}
