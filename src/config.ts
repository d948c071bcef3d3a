import { readFileSync } from 'node:fs'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { articleIdPlace, type CloseAfterDays } from './domain/articles/article.ts'
import { type Language, languageOf, languages } from './domain/language.ts'
import { isReadyReasons, type ReadyReason, reasonFaults } from './domain/moderation/reason.ts'
import { isGuessable } from './domain/tokens/token.ts'
import type { DatabaseLocation } from './store/location.ts'
import { parsePostgresUrl } from './store/postgres-url.ts'
import type { OwnWords } from './words/en.ts'
import { isOwnWords, ownWordsFaults } from './words/own-words.ts'
import { readyReasons } from './words/reasons.ts'

export type Config = {
  host: string
  /** 0 takes a free one. */
  port: number
  database: DatabaseLocation
  /** Whether a start makes a database where there is none, or refuses to. */
  databaseIfMissing: (typeof whatIfMissing)[number]
  /** Connections to a PostgreSQL, beside the one that listens. */
  databasePoolSize: number
  /** How long a start waits for a PostgreSQL that cannot be reached yet. */
  databaseWaitSeconds: number
  /** From `MODERATOR_TOKEN` or the file that `MODERATOR_TOKEN_FILE` names. */
  moderatorToken: string | null
  /** Origins whose pages may call the public API; `'*'` is any, an empty list none. */
  corsOrigins: '*' | readonly string[]
  /** Addresses and CIDRs of the proxies whose `X-Forwarded-For` is believed. */
  trustProxy: readonly string[]
  defaultLanguage: Language
  /** What pages say in a site's own words. */
  words: OwnWords
  /** The ready reasons of moderators, in order. */
  reasons: readonly ReadyReason[]
  submissionsPerMinute: number
  submissionsPerMinuteTotal: number
  refusedSubmissionsPerMinute: number
  readsPerMinute: number
  failedSignInsPerMinute: number
  unknownPathsPerMinute: number
  maxPending: number
  /** How long an article takes comments after its publication; `null` is for ever. */
  closeAfterDays: CloseAfterDays
  /** How long a form must have been shown before it is sent; 0 is no least time. */
  formLeastSeconds: number
  /** The URL of an article that has told none, with `{articleId}` in it. */
  articleUrl: string | null
  /** Where readers' browsers reach this service, without a slash at its end; `null` where that is not known. */
  publicUrl: string | null
  /** Whether `/desk` is there. */
  desk: boolean
  /** How much memory finished public lists, pages, feeds and counts may take; 0 keeps none. */
  readCacheMegabytes: number
  cdnFreshSeconds: number
  cdnStaleSeconds: number
  /** Beyond this mean delay of the event loop, requests are turned away with 503. */
  maxEventLoopDelayMs: number
  /** How long requests in flight may take once the process was told to stop; 0 is as long as they need. */
  shutdownSeconds: number
  logLevel: (typeof logLevels)[number]
}

export type ConfigResult = { ok: true; config: Config } | { ok: false; faults: string[] }

const whatIfMissing = ['make', 'refuse'] as const

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/**
 * Reads every setting from the environment, or names everything that is wrong with it at once, without quoting a
 * value: one of them is a secret. An empty variable counts as absent, which is how compose files leave one out.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): ConfigResult {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ''),
  )
  const parsed = variables.safeParse(given)
  if (!parsed.success) {
    return {
      ok: false,
      faults: parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`),
    }
  }
  const { data } = parsed
  return {
    ok: true,
    config: {
      host: data.HOST,
      port: data.PORT,
      database: data.DATABASE_URL,
      databaseIfMissing: data.DATABASE_IF_MISSING,
      databasePoolSize: data.DATABASE_POOL_SIZE,
      databaseWaitSeconds: data.DATABASE_WAIT_SECONDS,
      moderatorToken: data.MODERATOR_TOKEN ?? data.MODERATOR_TOKEN_FILE ?? null,
      corsOrigins: data.CORS_ORIGINS,
      trustProxy: data.TRUST_PROXY,
      defaultLanguage: data.DEFAULT_LANGUAGE,
      words: data.WORDS_FILE,
      reasons: data.REASONS_FILE,
      submissionsPerMinute: data.SUBMISSIONS_PER_MINUTE,
      submissionsPerMinuteTotal: data.SUBMISSIONS_PER_MINUTE_TOTAL,
      refusedSubmissionsPerMinute: data.REFUSED_SUBMISSIONS_PER_MINUTE,
      readsPerMinute: data.READS_PER_MINUTE,
      failedSignInsPerMinute: data.FAILED_SIGN_INS_PER_MINUTE,
      unknownPathsPerMinute: data.UNKNOWN_PATHS_PER_MINUTE,
      maxPending: data.MAX_PENDING,
      closeAfterDays: data.CLOSE_AFTER_DAYS === 0 ? null : data.CLOSE_AFTER_DAYS,
      formLeastSeconds: data.FORM_LEAST_SECONDS,
      articleUrl: data.ARTICLE_URL ?? null,
      publicUrl: data.PUBLIC_URL ?? null,
      desk: data.DESK === 'on',
      readCacheMegabytes: data.READ_CACHE_MEGABYTES,
      cdnFreshSeconds: data.CDN_FRESH_SECONDS,
      cdnStaleSeconds: data.CDN_STALE_SECONDS,
      maxEventLoopDelayMs: data.MAX_EVENT_LOOP_DELAY_MS,
      shutdownSeconds: data.SHUTDOWN_SECONDS,
      logLevel: data.LOG_LEVEL,
    },
  }
}

const wholeNumber = (max: number, min = 0) => {
  const error = `must be a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,10}$/, { error, abort: true })
    .transform(Number)
    .refine((value) => min <= value && value <= max, { error })
}

const aLot = 1_000_000_000

const commaSeparated = z.string().transform((value) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)

/** RFC 6750's characters, so that the header can carry it; 32 of them so that nobody guesses it. */
const secret = z
  .string()
  .regex(/^[A-Za-z0-9._~+/-]{32,255}=*$/, {
    error: 'must be 32 to 255 characters, of A-Z a-z 0-9 . _ ~ + / - only',
    abort: true,
  })
  .refine((value) => !isGuessable(value), {
    error: 'must be random, and not a few characters again and again: openssl rand -hex 24 makes one',
  })

const variables = z
  .object({
    HOST: z.string().default('127.0.0.1'),
    PORT: wholeNumber(65_535).default(3000),
    DATABASE_URL: z
      .string()
      .trim()
      .transform(databaseAt)
      .default({ dialect: 'sqlite', file: './data/imprimatur.db' }),
    DATABASE_IF_MISSING: z
      .enum(whatIfMissing, { error: `must be one of ${whatIfMissing.join(', ')}` })
      .default('make'),
    DATABASE_POOL_SIZE: wholeNumber(1_000, 1).default(10),
    DATABASE_WAIT_SECONDS: wholeNumber(3_600).default(30),
    MODERATOR_TOKEN: secret.optional(),
    MODERATOR_TOKEN_FILE: z.string().transform(secretInFile).optional(),
    CORS_ORIGINS: commaSeparated
      .superRefine((origins, context) => {
        if (origins.join() === '*') return
        for (const [index, origin] of origins.entries()) {
          const why = originFault(origin)
          if (why !== null)
            context.addIssue({
              code: 'custom',
              message: `must be origins such as https://example.org, comma-separated, or * alone: entry ${index + 1} ${why}`,
            })
        }
      })
      .transform((origins): '*' | string[] => (origins.join() === '*' ? '*' : origins))
      .default([]),
    TRUST_PROXY: commaSeparated
      .refine((addresses) => addresses.every(isAddressOrCidr), {
        error: 'must be addresses or CIDRs such as 10.0.0.0/8, comma-separated',
        abort: true,
      })
      .refine((addresses) => !addresses.some(isEverybody), {
        error: 'must not name every address there is: each reader would be free to choose his own',
      })
      .default([]),
    DEFAULT_LANGUAGE: z.string().transform(ourLanguage).default('en'),
    WORDS_FILE: z.string().transform(wordsInFile).default({}),
    REASONS_FILE: z.string().transform(reasonsInFile).default(readyReasons),
    SUBMISSIONS_PER_MINUTE: wholeNumber(aLot).default(6),
    SUBMISSIONS_PER_MINUTE_TOTAL: wholeNumber(aLot).default(600),
    REFUSED_SUBMISSIONS_PER_MINUTE: wholeNumber(aLot).default(30),
    READS_PER_MINUTE: wholeNumber(aLot).default(600),
    FAILED_SIGN_INS_PER_MINUTE: wholeNumber(aLot).default(10),
    UNKNOWN_PATHS_PER_MINUTE: wholeNumber(aLot).default(60),
    MAX_PENDING: wholeNumber(aLot).default(100_000),
    CLOSE_AFTER_DAYS: wholeNumber(36_500).default(0),
    FORM_LEAST_SECONDS: wholeNumber(3_600).default(3),
    ARTICLE_URL: z
      .string()
      .trim()
      .refine(isArticleUrl, { error: `must be a URL such as https://www.example.org/${articleIdPlace}` })
      .optional(),
    PUBLIC_URL: z
      .string()
      .trim()
      .refine(isPublicUrl, {
        error: 'must be a URL such as https://comments.example.org, without a query or a fragment',
        abort: true,
      })
      .transform((text) => new URL(text).href.replace(/\/+$/, ''))
      .optional(),
    DESK: z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
    READ_CACHE_MEGABYTES: wholeNumber(4_096).default(16),
    CDN_FRESH_SECONDS: wholeNumber(86_400).default(5),
    CDN_STALE_SECONDS: wholeNumber(86_400).default(30),
    MAX_EVENT_LOOP_DELAY_MS: wholeNumber(60_000).default(1_000),
    SHUTDOWN_SECONDS: wholeNumber(3_600).default(10),
    LOG_LEVEL: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info'),
  })
  .refine((data) => data.MODERATOR_TOKEN === undefined || data.MODERATOR_TOKEN_FILE === undefined, {
    error: 'must not be given together with MODERATOR_TOKEN_FILE',
    path: ['MODERATOR_TOKEN'],
  })

function databaseAt(value: string, context: z.core.$RefinementCtx): DatabaseLocation {
  const refuse = (message: string) => {
    context.issues.push({ code: 'custom', input: '', message })
    return z.NEVER
  }
  if (/^postgres(?:ql)?:/.test(value)) {
    const parsed = parsePostgresUrl(value)
    return parsed.ok ? parsed.location : refuse(parsed.fault)
  }
  // SQLite's driver takes no parameters and drops space: what only looks like memory would be a file of that name.
  return /^file:(?::memory:|(?!:memory:)[^\s?][^?]*)$/.test(value)
    ? { dialect: 'sqlite', file: value.slice('file:'.length) }
    : refuse('must be file:PATH, file::memory: or postgres://USER:PASSWORD@HOST:PORT/DATABASE')
}

/** As a transform: what is wrong with the file, or with the words in it, stops the start. */
function wordsInFile(path: string, context: Faults): OwnWords {
  const own = jsonInFile(path, context)
  if (own === undefined) return {}
  if (isOwnWords(own)) return own
  for (const fault of ownWordsFaults(own)) context.addIssue(`names a file that ${fault}`)
  return {}
}

function reasonsInFile(path: string, context: Faults): readonly ReadyReason[] {
  const own = jsonInFile(path, context)
  if (own === undefined) return []
  if (isReadyReasons(own)) return own
  for (const fault of reasonFaults(own)) context.addIssue(`names a file that ${fault}`)
  return []
}

type Faults = { addIssue: (message: string) => void }

/** `undefined` where there is none, which the context is told. */
function jsonInFile(path: string, context: Faults): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const why =
      error instanceof SyntaxError ? 'no JSON' : ((error as NodeJS.ErrnoException).code ?? 'unknown')
    context.addIssue(`must name a file of JSON that can be read (${why})`)
    return undefined
  }
}

function ourLanguage(tag: string, context: z.core.$RefinementCtx): Language {
  const language = languageOf(tag)
  if (language !== null) return language
  context.issues.push({ code: 'custom', input: '', message: `must be one of ${languages.join(', ')}` })
  return z.NEVER
}

function secretInFile(file: string, context: z.core.$RefinementCtx): string {
  try {
    const parsed = secret.safeParse(readFileSync(file, 'utf8').trim())
    if (parsed.success) return parsed.data
    const message = `must name a file whose content ${parsed.error.issues[0]?.message}`
    context.issues.push({ code: 'custom', input: file, message })
  } catch {
    context.issues.push({ code: 'custom', input: file, message: 'must name a file that can be read' })
  }
  return z.NEVER
}

/** With the id in its path, its query or its fragment: in the host it would be a site of somebody else's. */
function isArticleUrl(text: string): boolean {
  const at = text.indexOf(articleIdPlace)
  if (at < 0 || !/^https?:\/\/[^/?#]+[/?#]/.test(text.slice(0, at))) return false
  return !/[\s<>"\\^`|]/.test(text) && URL.canParse(text.replaceAll(articleIdPlace, 'x'))
}

/** A path may be before the service's own, where a proxy takes it off. A user or a password would be shown to everybody. */
function isPublicUrl(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || /[\s?#<>"\\^`{|}]/.test(text) || !URL.canParse(text)) return false
  const { username, password } = new URL(text)
  return username + password === ''
}

/**
 * Why no browser writes an `Origin` header so; `null` where one does. It quotes no more than what the entry ought to be, which
 * has neither user nor password.
 */
function originFault(text: string): string | null {
  if (text === '*') return 'is *, which has to be alone'
  if (!URL.canParse(text) || new URL(text).origin === 'null')
    return 'is no origin: https:// or http:// and a host'
  const { origin, username, password } = new URL(text)
  if (origin === text) return null
  const because =
    username + password !== ''
      ? 'has a user or a password'
      : text === `${origin}/`
        ? 'has a slash at its end'
        : text.toLowerCase().startsWith(`${origin}/`)
          ? 'has a path'
          : text.toLowerCase() === origin
            ? 'has capitals'
            : /:(?:80|443)\/?$/.test(text)
              ? 'has the port that browsers leave out'
              : 'is written otherwise than browsers do'
  return `${because}; write ${origin}`
}

/** ipaddr.js also takes `10.1`, `010.0.0.1` and `0x0a000001`, as inet_aton does; here those are more likely slips. */
function isAddressOrCidr(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  if (more.length > 0 || (bits !== undefined && !ipaddr.isValidCIDR(text))) return false
  // A zone names an interface of this machine: no header tells one.
  return (
    ipaddr.IPv4.isValidFourPartDecimal(address) || (ipaddr.IPv6.isValid(address) && !address.includes('%'))
  )
}

/** As IPv6 writes them, all of IPv4 are a network of 96 bits. */
function isEverybody(cidr: string): boolean {
  return /\/0+$/.test(cidr) || (cidr.endsWith('/96') && ipaddr.IPv6.parseCIDR(cidr)[0].isIPv4MappedAddress())
}
