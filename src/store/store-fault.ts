/**
 * Why a store could not do its work, in words that no dialect owns. `STORE_BUSY`: too many writes wait, or another
 * process holds the database; `STORE_FULL`: no room; `STORE_READ_ONLY`: not allowed to write; `STORE_FAILED`: the
 * disk or the database failed, or its file is no longer in its place; `STORE_CLOSED`: it is closed, or its writer died.
 */
export type StoreFaultCode = 'STORE_BUSY' | 'STORE_FULL' | 'STORE_READ_ONLY' | 'STORE_FAILED' | 'STORE_CLOSED'

/**
 * A fault that may pass: the same request may succeed later. Nothing was written; only after `STORE_FAILED` and
 * `STORE_CLOSED` that is not certain, where a commit was under way.
 */
export class StoreFault extends Error {
  readonly code: StoreFaultCode

  constructor(code: StoreFaultCode, message: string) {
    super(message)
    this.name = 'StoreFault'
    this.code = code
  }
}
