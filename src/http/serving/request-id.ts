import { randomBytes } from 'node:crypto'

/**
 * Makes request ids: UUIDs of version 8 (RFC 9562, section 5.8), random for each process and counted within it, which
 * is as unique as a random one and costs no system call.
 */
export function requestIds(): () => string {
  const random = randomBytes(10).toString('hex')
  const start = `${random.slice(0, 8)}-${random.slice(8, 12)}-8${random.slice(13, 16)}-8${random.slice(17, 20)}-`
  let count = 0
  return () => {
    count += 1
    return start + count.toString(16).padStart(12, '0')
  }
}
