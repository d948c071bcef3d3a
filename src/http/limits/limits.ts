import rateLimit, { normalizeIP } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../../config.ts'
import type { Store } from '../../store/store.ts'
import type { Problem } from '../problems.ts'
import { firstOfMinute } from './first-of-minute.ts'
import { hitCounts } from './hit-counts.ts'
import { addressOf } from './reader-address.ts'

export const limitNames = [
  'submissions',
  'submissions-ipv6-56',
  'submissions-ipv6-48',
  'submissions-total',
  'submissions-vouched',
  'refused-submissions',
  'reads',
  'failed-sign-ins',
  'unknown-paths',
] as const
export type LimitName = (typeof limitNames)[number]

/**
 * How many a minute; 0 is no limit. `submissions-total` and `submissions-vouched` count over all clients, the two of IPv6
 * by network, the others by client address.
 */
export type LimitMaxima = Record<LimitName, number>

/**
 * The headers to send, and the problem where a limit is exceeded. `isNews`: it is, and the log has not been told so of this
 * client for a minute.
 */
export type LimitVerdict = { headers: Record<string, string>; problem: Problem | null; isNews?: boolean }

export type Limits = {
  /**
   * Counts the request against each limit in turn and stops at the first that is exceeded. `address` is the client's,
   * `null` where none is known: then only the limits over all clients count.
   */
  count: (
    names: readonly LimitName[],
    request: FastifyRequest,
    address: string | null,
  ) => Promise<LimitVerdict>

  /** Whether the limit is used up, by what this process knows. Counts nothing. */
  check: (name: LimitName, request: FastifyRequest, address: string | null) => Promise<LimitVerdict>

  /**
   * Counts a submission that is about to be written: for its client, for the networks that it comes from, and over all. One
   * that a site vouches for uses up the share that is kept for those first.
   */
  countSubmission: (
    request: FastifyRequest,
    address: string | null,
    isVouchedFor: boolean,
  ) => Promise<LimitVerdict>
}

const windowMs = 60_000
const windowSeconds = windowMs / 1_000

/**
 * One household has a /56 by the usual practice (RIPE-690, 4.2), and many a mobile network puts 256 phones of as many people
 * into one; an organisation, or a small host with all its customers, has a /48 (RFC 6177).
 */
const clientsPer56 = 5
const clientsPer48 = 20

/** Of the total: who has the reader's network for a neighbour, or his whole provider, is not to use it up. */
const partOf56 = 1 / 4
const partOf48 = 1 / 2

/** Of the total, kept for what sites vouch for. */
const vouchedPart = 1 / 5

/**
 * The maxima that the settings make. No network has more than a part of what all anonymous ones have together; where
 * addresses are not counted, neither are networks.
 */
export function limitMaxima(
  config: Pick<
    Config,
    | 'submissionsPerMinute'
    | 'submissionsPerMinuteTotal'
    | 'refusedSubmissionsPerMinute'
    | 'readsPerMinute'
    | 'failedSignInsPerMinute'
    | 'unknownPathsPerMinute'
  >,
): LimitMaxima {
  const { submissionsPerMinute: perClient, submissionsPerMinuteTotal: overAll } = config
  const vouched = Math.floor(overAll * vouchedPart)
  const anonymous = overAll - vouched
  const ofNetwork = (clients: number, part: number) => {
    const together = perClient * clients
    return overAll === 0 ? together : Math.min(together, Math.max(1, Math.floor(anonymous * part)))
  }
  return {
    submissions: perClient,
    'submissions-ipv6-56': ofNetwork(clientsPer56, partOf56),
    'submissions-ipv6-48': ofNetwork(clientsPer48, partOf48),
    'submissions-total': anonymous,
    'submissions-vouched': vouched,
    'refused-submissions': config.refusedSubmissionsPerMinute,
    reads: config.readsPerMinute,
    'failed-sign-ins': config.failedSignInsPerMinute,
    'unknown-paths': config.unknownPathsPerMinute,
  }
}

/**
 * The limits over @fastify/rate-limit. Those that protect people count over all replicas, those that protect a process by
 * the process. IPv6 addresses count by /64, which is one link.
 */
export async function createLimits(
  app: FastifyInstance,
  store: Pick<Store, 'countHit'>,
  maxima: LimitMaxima,
  elapsedMs: () => number = () => performance.now(),
): Promise<Limits> {
  const isFirst = firstOfMinute(elapsedMs)
  await app.register(rateLimit, {
    global: false,
    store: hitCounts(
      (key, windowMs) => store.countHit(key, windowMs),
      (key) => sharedLimits.has(nameIn(key)),
      (error) => {
        if (error === null) app.log.info('requests are counted over all replicas again')
        else
          app.log.warn(
            { err: error },
            'requests cannot be counted over all replicas; each limits by its own count',
          )
      },
      elapsedMs,
    ),
  })
  const subjects = new WeakMap<FastifyRequest, string>()
  const limiters = new Map(
    limitNames
      .filter((name) => maxima[name] > 0)
      .map((name) => [
        name,
        app.createRateLimit({
          max: maxima[name],
          timeWindow: windowMs,
          keyGenerator: (request) => `${name} ${subjects.get(request)}`,
        }),
      ]),
  )

  /** `null` where there is no such limit, or it does not concern this address. */
  async function ask(
    name: LimitName,
    request: FastifyRequest,
    address: string | null,
    increment: boolean,
  ): Promise<Counted | null> {
    const limiter = limiters.get(name)
    const subject = subjectOf(name, address)
    if (limiter === undefined || subject === null) return null
    subjects.set(request, subject)
    const result = await limiter(request, { increment })
    // Of those that are let pass by name; there are none.
    if (result.isAllowed) return null
    const { max, remaining, ttlInSeconds: resetSeconds, isExceeded } = result
    return { name, max, remaining, resetSeconds, isExceeded }
  }

  const count: Limits['count'] = async (names, request, address) => {
    const counted: Counted[] = []
    for (const name of names) {
      const one = await ask(name, request, address, true)
      if (one === null) continue
      if (one.isExceeded) return { ...exceeded(one), isNews: isFirst(`${name} ${subjectOf(name, address)}`) }
      counted.push(one)
    }
    return { headers: counted.length === 0 ? {} : limitHeaders(counted), problem: null }
  }

  return {
    count,
    async check(name, request, address) {
      const one = await ask(name, request, address, false)
      return one === null || one.remaining > 0 ? { headers: {}, problem: null } : exceeded(one)
    },
    async countSubmission(request, address, isVouchedFor) {
      if (!isVouchedFor) return count([...ownLimits, 'submissions-total'], request, address)
      const own = await count(ownLimits, request, address)
      if (own.problem !== null) return own
      const kept = await ask('submissions-vouched', request, address, true)
      const verdict =
        kept === null || kept.isExceeded
          ? await count(['submissions-total'], request, address)
          : { headers: limitHeaders([kept]), problem: null }
      return verdict.problem === null
        ? { headers: joined(own.headers, verdict.headers), problem: null }
        : verdict
    },
  }
}

/** The narrow ones first: who is beyond one uses up nothing of the wider. */
const ownLimits = ['submissions', 'submissions-ipv6-56', 'submissions-ipv6-48'] as const

/** Whom a limit counts; `null` where it does not concern who has this address, or no address that is known. */
function subjectOf(name: LimitName, address: string | null): string | null {
  switch (name) {
    case 'submissions-total':
    case 'submissions-vouched':
      return 'all'
    case 'submissions-ipv6-56':
      return address === null ? null : networkOf(address, 56)
    case 'submissions-ipv6-48':
      return address === null ? null : networkOf(address, 48)
    default:
      return address === null ? null : clientOf(address)
  }
}

/**
 * What an address counts as. Some proxies add the client's port to X-Forwarded-For: it must not make a new client of
 * each connection. A client that has hung up has no address any more, whatever the type says.
 */
function clientOf(address: string): string {
  return normalizeIP(addressOf(address) ?? String(address))
}

/** The network of an IPv6 address; those of IPv4 tell nothing of who is behind them. */
function networkOf(address: string, bits: number): string | null {
  const own = addressOf(address)
  return own?.includes(':') ? normalizeIP(own, bits) : null
}

const sharedLimits: ReadonlySet<string> = new Set<LimitName>([
  ...ownLimits,
  'submissions-total',
  'submissions-vouched',
  'refused-submissions',
  'failed-sign-ins',
])

/** The limit's name, before the client's. */
function nameIn(key: string): string {
  return key.slice(0, key.indexOf(' '))
}

function exceeded(state: State): LimitVerdict {
  const wait = Math.max(1, state.resetSeconds)
  return {
    headers: limitHeaders([state]),
    problem: {
      code: 'too-many-requests',
      detail: `The limit is ${state.max} a minute (${state.name}). Try again in ${wait} seconds.`,
      headers: { 'retry-after': String(wait) },
    },
  }
}

/** draft-ietf-httpapi-ratelimit-headers: each quota, and what is left of it. */
function limitHeaders(states: readonly State[]): Record<string, string> {
  return {
    'ratelimit-policy': states.map(({ name, max }) => `"${name}";q=${max};w=${windowSeconds}`).join(', '),
    ratelimit: states
      .map(({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`)
      .join(', '),
  }
}

/** Each of the headers is a list. */
function joined(one: Record<string, string>, other: Record<string, string>): Record<string, string> {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  return Object.fromEntries(
    names.map((name) => [name, [one[name] ?? [], other[name] ?? []].flat().join(', ')]),
  )
}

type State = { name: LimitName; max: number; remaining: number; resetSeconds: number }
type Counted = State & { isExceeded: boolean }
