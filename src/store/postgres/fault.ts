import { StoreFault, type StoreFaultCode } from '../store-fault.ts'

/**
 * What an error of the driver's or the server's means in the Store's words. Of any other a new one is made, with its
 * code and first line alone: the driver's own carry parameters and rows, and so readers' names and addresses.
 */
export function faultOf(error: unknown): Error {
  const cause = causeOf(error)
  if (cause instanceof StoreFault) return cause
  const code = codeOf(cause)
  const message = messageOf(cause)
  const fault = storeFaults.find(([prefix]) => code.startsWith(prefix))?.[1]
  if (fault !== undefined) return new StoreFault(fault, message)
  if (message === poolTimeout) return new StoreFault('STORE_BUSY', 'No connection was free in time.')
  if (isDisconnection(cause) || isHostFault(cause)) return new StoreFault('STORE_FAILED', message)
  return new Error(code === '' ? message : `${message} (SQLSTATE ${code})`)
}

/** The statement was undone because of others at the same moment: it may be run again. */
export function isWorthAnotherTry(error: unknown): boolean {
  return ['40001', '40P01'].includes(codeOf(causeOf(error)))
}

/** SQLSTATE classes 22 and 23: the server took no offence but at the values. Nothing was written. */
export function isRefusedForContent(error: unknown): boolean {
  return /^2[23]/.test(codeOf(causeOf(error)))
}

/** The connection is gone, or cannot be relied on: what became of a statement on it is not known. */
export function isDisconnection(error: unknown): boolean {
  const cause = causeOf(error)
  const code = codeOf(cause)
  return (
    isOfNetwork(code) ||
    ['08', '57P', '25006', '58'].some((prefix) => code.startsWith(prefix)) ||
    disconnections.some((text) => messageOf(cause).startsWith(text))
  )
}

/** Of an error as the driver gives it: nothing was heard for as long as an answer may take. */
export function isSilence(error: unknown): boolean {
  return silences.includes(messageOf(error))
}

/** This host cannot be worked with now; another may. Wrong credentials are wrong everywhere. */
export function isHostFault(error: unknown): boolean {
  const cause = causeOf(error)
  return cause instanceof StoreFault ? cause.code === 'STORE_READ_ONLY' : isDisconnection(cause)
}

/** A start waits for it: a server that is not there yet, takes long to let anybody in, or has no connection to spare at this moment. */
export function isWorthWaitingFor(error: unknown): boolean {
  const cause = causeOf(error)
  // It would not learn TLS while it is waited for.
  if (messageOf(cause).startsWith(noTls)) return false
  return isHostFault(error) || codeOf(cause) === '53300' || messageOf(cause) === poolTimeout
}

/** Drizzle's error has the driver's inside, and the parameters in its message. Node tries several addresses of a name. */
function causeOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0])
  return error instanceof Error && error.cause instanceof Error && codeOf(error) === ''
    ? causeOf(error.cause)
    : error
}

function codeOf(error: unknown): string {
  const { code = '' } = (error ?? {}) as { code?: unknown }
  return String(code)
}

/**
 * Node's own codes, of the network, of names and of TLS, such as ECONNRESET, EPROTO and CERT_HAS_EXPIRED, and no SQLSTATE,
 * which has a digit. Node's ERR_INVALID_… and the like are bugs.
 */
function isOfNetwork(code: string): boolean {
  if (code.startsWith('ERR_')) return /^ERR_(?:SSL|TLS|STREAM|SOCKET)_/.test(code)
  return /^[A-Z_]{4,}$/.test(code) && !code.startsWith('STORE_')
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.endsWith('client password must be a string')
    ? 'The server asks for a password, and none is given.'
    : message
}

/** Of pg-pool, which gives its errors no code. */
const poolTimeout = 'timeout exceeded when trying to connect'

/** Of pg-pool's connections, of pg's statements and of its connections. */
const silences = ['Connection terminated due to connection timeout', 'Query read timeout', 'timeout expired']

const noTls = 'The server does not support SSL'

/** Of pg and pg-pool, for the same reason. */
const disconnections = [
  'Connection terminated',
  'Query read timeout',
  'Client has encountered a connection error',
  'Client was closed',
  'timeout expired',
  noTls,
]

/** SQLSTATEs by how they begin (https://www.postgresql.org/docs/current/errcodes-appendix.html). What is not here is a bug. */
const storeFaults: readonly (readonly [string, StoreFaultCode])[] = [
  // Undone by the server as a whole, because of others at the same moment or the time it took.
  ['40001', 'STORE_BUSY'],
  ['40P01', 'STORE_BUSY'],
  ['53300', 'STORE_BUSY'],
  ['55P03', 'STORE_BUSY'],
  ['57014', 'STORE_BUSY'],
  ['53100', 'STORE_FULL'],
  ['25006', 'STORE_READ_ONLY'],
  // No permission, a wrong password, no such database.
  ['42501', 'STORE_FAILED'],
  ['28', 'STORE_FAILED'],
  ['3D000', 'STORE_FAILED'],
  ['08', 'STORE_FAILED'],
  ['53', 'STORE_FAILED'],
  ['57P', 'STORE_FAILED'],
  ['58', 'STORE_FAILED'],
  ['XX', 'STORE_FAILED'],
]
