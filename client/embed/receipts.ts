/** A comment that was sent from this browser. The receipt is its author's key to it. */
export type Receipt = { id: string; receipt: string }

/** An article's receipts, where the page lets them be kept and the browser does. The newest twenty. */
export function receiptsOf(key: string): Receipt[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(kept)
      ? kept.filter((one) => typeof one?.id === 'string' && typeof one.receipt === 'string')
      : []
  } catch {
    return []
  }
}

export function keepReceipts(key: string, receipts: readonly Receipt[]): void {
  try {
    if (receipts.length === 0) localStorage.removeItem(key)
    else localStorage.setItem(key, JSON.stringify(receipts.slice(-20)))
  } catch {
    // A browser that stores nothing: its reader has no receipts, as without the attribute.
  }
}
