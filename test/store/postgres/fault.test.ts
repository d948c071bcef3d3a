import { DrizzleQueryError } from 'drizzle-orm/errors'
import t from 'tap'
import {
  faultOf,
  isDisconnection,
  isHostFault,
  isWorthWaitingFor,
} from '../../../src/store/postgres/fault.ts'
import { StoreFault } from '../../../src/store/store-fault.ts'

const withCode = (code: string, message = 'it failed') => Object.assign(new Error(message), { code })

t.test('each fault has its name', async (t) => {
  const cases: [error: unknown, code: string][] = [
    [withCode('40P01'), 'STORE_BUSY'],
    [withCode('55P03'), 'STORE_BUSY'],
    [withCode('57014'), 'STORE_BUSY'],
    [withCode('53300'), 'STORE_BUSY'],
    [new Error('timeout exceeded when trying to connect'), 'STORE_BUSY'],
    [withCode('53100'), 'STORE_FULL'],
    [withCode('25006'), 'STORE_READ_ONLY'],
    [withCode('57P01'), 'STORE_FAILED'],
    [withCode('28P01'), 'STORE_FAILED'],
    [withCode('ECONNREFUSED'), 'STORE_FAILED'],
    [withCode('EPIPE'), 'STORE_FAILED'],
    [withCode('EPROTO'), 'STORE_FAILED'],
    [withCode('CERT_HAS_EXPIRED'), 'STORE_FAILED'],
    [withCode('ERR_SSL_WRONG_VERSION_NUMBER'), 'STORE_FAILED'],
    [withCode('ERR_STREAM_DESTROYED'), 'STORE_FAILED'],
    [new Error('Query read timeout'), 'STORE_FAILED'],
    [new Error('Connection terminated unexpectedly'), 'STORE_FAILED'],
    [new AggregateError([withCode('ECONNREFUSED')], 'all of them'), 'STORE_FAILED'],
    [new StoreFault('STORE_CLOSED', 'closed'), 'STORE_CLOSED'],
  ]
  for (const [error, code] of cases) t.match(faultOf(error), { name: 'StoreFault', code }, String(error))
})

t.test('a bug stays one', async (t) => {
  for (const error of [
    new TypeError('x is not a function'),
    withCode('42703'),
    withCode('ERR_INVALID_ARG_TYPE'),
  ]) {
    t.notOk(faultOf(error) instanceof StoreFault)
    t.notOk(isDisconnection(error))
  }
  t.equal(faultOf('thrown').message, 'thrown')
})

t.test('nothing of what was sent is told', async (t) => {
  const cause = Object.assign(
    withCode('23505', 'duplicate key value violates unique constraint "comments_pkey"'),
    {
      detail: 'Key (author_email)=(ada@example.org) already exists.',
    },
  )
  const fault = faultOf(new DrizzleQueryError('insert into comments', ['ada@example.org'], cause))
  t.equal(fault.message, 'duplicate key value violates unique constraint "comments_pkey" (SQLSTATE 23505)')
  t.notMatch(JSON.stringify({ ...fault, stack: fault.stack }), 'ada@')
})

t.test('a host without a connection to spare is waited for, and not left', async (t) => {
  t.equal(isHostFault(withCode('53300')), false)
  t.equal(isWorthWaitingFor(withCode('53300')), true)
  t.equal(isWorthWaitingFor(withCode('57P03')), true)
  t.equal(
    isWorthWaitingFor(new Error('timeout exceeded when trying to connect')),
    true,
    'a pool that waited in vain',
  )
  t.equal(isWorthWaitingFor(withCode('28P01')), false)
  t.equal(isHostFault(new StoreFault('STORE_READ_ONLY', 'standby')), true)
})
