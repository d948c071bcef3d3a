/* What is remembered: of this tab the token, where that is asked for; of this browser two choices, and nothing of any comment. */

const tokenKey = 'imprimatur-desk-token'

export function tokenOfTab(): string | null {
  return guarded(() => sessionStorage.getItem(tokenKey)) ?? null
}

export function keepToken(token: string | null): void {
  guarded(() =>
    token === null ? sessionStorage.removeItem(tokenKey) : sessionStorage.setItem(tokenKey, token),
  )
}

export function choiceOf(name: 'keys' | 'language'): string | null {
  return guarded(() => localStorage.getItem(`imprimatur-desk-${name}`)) ?? null
}

export function keepChoice(name: 'keys' | 'language', value: string): void {
  guarded(() => localStorage.setItem(`imprimatur-desk-${name}`, value))
}

/** A browser may forbid to keep anything. */
function guarded<T>(use: () => T): T | undefined {
  try {
    return use()
  } catch {
    return undefined
  }
}
