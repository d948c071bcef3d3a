import { callsWith, isMissing } from './api.ts'
import { Desk } from './desk.ts'
import { h } from './dom.ts'
import { choiceOf, keepChoice, keepToken, tokenOfTab } from './memory.ts'
import { signInView } from './sign-in.ts'
import type { Summary } from './wire.ts'
import { isLanguage, type Language, languageOf, languages, ownNames, type Words } from './words.ts'

type Why = (words: Words) => string | null

/** What a header can carry. */
const isToken = (text: string) => /^[\x21-\x7e]+$/.test(text)

let language: Language = languageOf(
  new URLSearchParams(location.search).get('lang'),
  choiceOf('language'),
  ...navigator.languages,
)
let why: Why = () => null
const place = document.getElementById('desk') ?? document.body

const desk = new Desk({ language, languageSwitch, ended })

const kept = tokenOfTab()
if (kept === null) showSignIn()
else if ((await signIn(kept, true)) !== null) showSignIn()

function showSignIn(): void {
  const words = languages[language]
  document.title = words.title
  document.documentElement.lang = language
  place.replaceChildren(signInView({ words, why: why(words), language: languageSwitch(), signIn }))
  document.getElementById('token')?.focus()
}

/** Opens the desk with a token, or tells why not. */
async function signIn(token: string, keepInTab: boolean): Promise<string | null> {
  const answer = await summaryWith(token)
  if ('why' in answer) {
    why = answer.why
    return why(languages[language])
  }
  keepToken(keepInTab ? token : null)
  document.documentElement.lang = language
  place.replaceChildren(desk.root)
  void desk.start({ token, summary: answer.summary })
  return null
}

/** Whether the token is one for moderators is told by the first call; a service that has none such is asked all the same. */
async function summaryWith(token: string): Promise<{ summary: Summary | null } | { why: Why }> {
  if (!isToken(token)) return { why: whyOf('invalid') }
  const refusals: Why[] = []
  const call = callsWith(token, (cause) => refusals.push(whyOf(cause)))
  try {
    return { summary: await call<Summary>('GET', 'summary') }
  } catch (error) {
    const [refused] = refusals
    if (refused !== undefined) return { why: refused }
    return isMissing(error) ? { summary: null } : { why: (words) => words.whyUnreachable }
  }
}

function ended(cause: 'invalid' | 'scope' | null): void {
  keepToken(null)
  why = (words) => [cause !== null && whyOf(cause)(words), desk.unsent(words)].filter(Boolean).join(' ')
  showSignIn()
}

function whyOf(cause: 'invalid' | 'scope'): Why {
  return (words) => (cause === 'invalid' ? words.whyInvalid : words.whyScope)
}

function languageSwitch(): HTMLElement {
  const select = h(
    'select',
    {
      name: 'language',
      'data-do': 'language',
      'aria-label': languages[language].language,
      change: () => {
        if (!isLanguage(select.value)) return
        language = select.value
        keepChoice('language', language)
        document.documentElement.lang = language
        const isOpen = desk.root.isConnected
        desk.setLanguage(language)
        if (!isOpen) showSignIn()
        place.querySelector<HTMLElement>('[data-do=language]')?.focus()
      },
    },
    Object.entries(ownNames).map(([tag, name]) =>
      h('option', { value: tag, lang: tag, ...(tag === language && { selected: true }) }, name),
    ),
  )
  return select
}
