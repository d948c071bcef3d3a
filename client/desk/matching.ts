import { type Call, Refused } from './api.ts'
import { fill, h } from './dom.ts'
import { openDialog, textOf } from './panels.ts'
import type { Filter, Reason } from './wire.ts'
import type { Words } from './words.ts'

type Options = {
  words: Words
  language: string
  reasons: readonly Reason[]
  call: Call
  where: Filter
  /** The newest that was seen: what came later is left alone. */
  until: string
  done: (text: string) => void
}

type Matching = {
  matched: number
  decided: number
  refused: number
  failed: number
  remaining: number
  /** Where the next call goes on; `null` where none remain. */
  until: string | null
}

/** So many a call takes at the most. */
const mostAtOnce = 1_000

/**
 * One decision about all that a search has found, shown or not: how many there are for this verdict is asked first, and written
 * back, and no more than those are decided about.
 */
export async function openMatching(options: Options): Promise<void> {
  const { words, language, reasons, call, until, done } = options
  const { status = ['pending'] } = options.where
  const where: Filter = { ...options.where, status }
  const post = (more: object) => call<Matching>('POST', 'decisions/matching', { where, until, ...more })
  const countFor = async (chosen: string) => {
    const { matched, remaining } = await post({ verdict: chosen, dryRun: true })
    return matched + remaining
  }
  const verdicts = ['approve', 'reject'] as const
  // What is approved already can only be rejected.
  const first = status.every((one) => one === 'approved') ? 'reject' : 'approve'
  /** What may be decided about now; `null` where it is not known. */
  let found: number | null = await countFor(first)

  const verdict = h(
    'select',
    { name: 'verdict', change: () => void look() },
    verdicts.map((value) => h('option', { value, ...(value === first && { selected: true }) }, words[value])),
  )
  const reason = h(
    'select',
    { name: 'reason' },
    h('option', { value: '' }, words.noReason),
    reasons.map(({ code, texts }) => h('option', { value: code }, textOf(texts, language))),
  )
  const count = h('input', { name: 'count', inputmode: 'numeric', autocomplete: 'off' })
  const total = h('p', {})
  const back = h('span', {})
  const progress = h('p', { class: 'hint', role: 'status' })
  const go = h('button', { type: 'submit', class: 'primary' }, words.go)
  const tell = () => {
    fill(total, found === null ? words.loading : words.matched(found))
    fill(back, words.matchedBack(found))
  }
  /** How many there are now. Nothing is decided by a number that was another verdict's. */
  const look = async () => {
    const chosen = verdict.value
    found = null
    count.value = ''
    tell()
    try {
      const counted = await countFor(chosen)
      if (chosen !== verdict.value) return
      found = counted
      tell()
    } catch (error) {
      fill(total, whyNot(error, words))
    }
  }
  const decideAll = async (all: number) => {
    const chosen = {
      verdict: verdict.value,
      ...(verdict.value === 'reject' && reason.value !== '' && { reasonCode: reason.value }),
    }
    let decided = 0
    let left = all
    go.setAttribute('aria-disabled', 'true')
    verdict.disabled = reason.disabled = true
    try {
      for (let next: string | null = until; next !== null && decided < all && dialog.isConnected; ) {
        const limit = Math.min(mostAtOnce, all - decided)
        const answer: Matching = await post({ ...chosen, until: next, limit })
        next = answer.until
        decided += answer.decided
        left = answer.remaining + answer.refused + answer.failed
        fill(progress, words.matchedSoFar(decided, left))
      }
    } catch (error) {
      fill(progress, words.matchedSoFar(decided, left), ' ', whyNot(error, words))
      verdict.disabled = reason.disabled = false
      go.removeAttribute('aria-disabled')
      // What became of the last step is not known: the number is another.
      await look()
      return
    }
    dialog.close()
    done(words.matchedSoFar(decided, left))
  }
  const dialog = openDialog(
    words.matchAll,
    words,
    total,
    h(
      'form',
      {
        novalidate: true,
        submit: (event) => {
          event.preventDefault()
          if (go.getAttribute('aria-disabled') === 'true') return
          if (found === null) void look()
          else if (count.value.trim() === `${found}` && found > 0) void decideAll(found)
          else count.select()
        },
      },
      h('label', { class: 'field' }, words.verdict, verdict),
      h('label', { class: 'field' }, words.reason, reason),
      h('label', { class: 'field' }, back, count),
      h('p', { class: 'hint' }, words.matchedNoUndo),
      progress,
      h('p', { class: 'actions' }, go),
    ),
  )
  tell()
  verdict.focus()
}

function whyNot(error: unknown, words: Words): string {
  return error instanceof Refused ? words.whyOther(error.code) : words.whyUnreachable
}
