import rateLimit, { normalizeIP } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Store } from '../../store/store.ts'
import type { Problem } from '../problems.ts'
import { hitCounts } from './hit-counts.ts'
import { addressOf } from './reader-address.ts'

export const limitNames = [
  'submissions',
  'submissions-total',
  'reads',
  'failed-sign-ins',
  'unknown-paths',
] as const
export type LimitName = (typeof limitNames)[number]

/** How many a minute; 0 is no limit. `submissions-total` counts over all clients, the others by client address. */
export type LimitMaxima = Record<LimitName, number>

/** The headers to send, and the problem where a limit is exceeded. */
export type LimitVerdict = { headers: Record<string, string>; problem: Problem | null }

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
}

const windowMs = 60_000
const windowSeconds = windowMs / 1_000

/**
 * The limits over @fastify/rate-limit. Those that protect people count over all replicas, those that protect a process by
 * the process. IPv6 addresses count by /64: one household has that many.
 */
export async function createLimits(
  app: FastifyInstance,
  store: Pick<Store, 'countHit'>,
  maxima: LimitMaxima,
): Promise<Limits> {
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
    ),
  })
  const addresses = new WeakMap<FastifyRequest, string>()
  const limiters = new Map(
    limitNames
      .filter((name) => maxima[name] > 0)
      .map((name) => [
        name,
        app.createRateLimit({
          max: maxima[name],
          timeWindow: windowMs,
          keyGenerator: (request) => `${name} ${isPerClient(name) ? (addresses.get(request) ?? '') : 'all'}`,
        }),
      ]),
  )

  return {
    async count(names, request, address) {
      if (address !== null) addresses.set(request, clientOf(address))
      const states: State[] = []
      for (const name of names) {
        const limiter = limiters.get(name)
        if (limiter === undefined || (address === null && isPerClient(name))) continue
        const result = await limiter(request)
        if (result.isAllowed) continue
        const state = {
          name,
          max: result.max,
          remaining: result.remaining,
          resetSeconds: result.ttlInSeconds,
        }
        states.push(state)
        if (result.isExceeded) return exceeded(state)
      }
      return { headers: states.length === 0 ? {} : limitHeaders(states), problem: null }
    },
  }
}

/**
 * What an address counts as. Some proxies add the client's port to X-Forwarded-For: it must not make a new client of
 * each connection. A client that has hung up has no address any more, whatever the type says.
 */
function clientOf(address: string): string {
  return normalizeIP(addressOf(address) ?? String(address))
}

const sharedLimits: ReadonlySet<string> = new Set<LimitName>([
  'submissions',
  'submissions-total',
  'failed-sign-ins',
])

/** The limit's name, before the client's. */
function nameIn(key: string): string {
  return key.slice(0, key.indexOf(' '))
}

function isPerClient(name: LimitName): boolean {
  return name !== 'submissions-total'
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

type State = { name: LimitName; max: number; remaining: number; resetSeconds: number }
