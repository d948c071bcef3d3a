import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Test } from 'tap'
import { v7 as uuidv7 } from 'uuid'
import type { TokenScope } from '../../src/domain/tokens/token.ts'
import { createToken } from '../../src/operations/tokens/create-token.ts'
import { startApp, type TestApp, type TestAppOptions } from '../support/app.ts'
import { until } from '../support/until.ts'
import { startChromium } from './chromium.ts'

/** The service with its desk, and moderators who open it in browsers of their own. */
export type DeskSite = {
  browser: Browser
  origin: string
  service: TestApp
  secretOf: (name: string, scope?: TokenScope) => Promise<string>
  /** In place of one that was revoked. */
  newSecretOf: (name: string) => Promise<string>
  /** The page as somebody finds it who has not signed in. */
  visit: (options?: VisitOptions) => Promise<DeskVisit>
  /** The desk of a moderator, with the first card in focus unless there is none. */
  open: (name: string, options?: VisitOptions) => Promise<DeskVisit>
  /** Calls the API as this moderator. */
  as: (name: string, method: 'GET' | 'POST', path: string, payload?: object) => Promise<Answered>
  /** What any page has complained of, and every request that was made. */
  complaints: string[]
  requests: { url: string; referer: string | undefined }[]
}

export type DeskVisit = { page: Page; close: () => Promise<void> }

/** `at` is the page's whole address, where that is another than the service's own. */
type VisitOptions = BrowserContextOptions & { path?: string; at?: string; hasCards?: boolean }

// biome-ignore lint/suspicious/noExplicitAny: what a test reads of it differs from call to call
type Answered = { status: number; body: any }

export async function startDesk(t: Test, options: TestAppOptions = {}): Promise<DeskSite> {
  const browser = await startChromium(t)
  const service = await startApp(t, options)
  await service.app.listen({ host: '127.0.0.1', port: 0 })
  const origin = `http://127.0.0.1:${(service.app.server.address() as AddressInfo).port}`
  const secrets = new Map<string, Promise<string>>()
  const complaints: string[] = []
  const requests: DeskSite['requests'] = []

  const secretOf: DeskSite['secretOf'] = (name, scope = 'moderate') => {
    const known = secrets.get(name) ?? makeSecret(service, name, scope)
    secrets.set(name, known)
    return known
  }
  const newSecretOf: DeskSite['newSecretOf'] = (name) => {
    secrets.delete(name)
    return secretOf(name)
  }
  const visit: DeskSite['visit'] = async ({
    path = '/desk',
    at = `${origin}${path}`,
    hasCards: _,
    ...contextOptions
  } = {}) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...contextOptions })
    const page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (line) => {
      // A request that is refused, or that nobody answers, is what a test is about.
      if (line.type() === 'error' && !/^Failed to load resource/.test(line.text()))
        complaints.push(line.text())
    })
    page.on('request', (request) =>
      requests.push({ url: request.url(), referer: request.headers()['referer'] }),
    )
    await page.addInitScript(`document.addEventListener('securitypolicyviolation', (event) =>
      console.error('against the policy: ' + event.violatedDirective + ' ' + event.blockedURI))`)
    await page.goto(at)
    await page.locator('#token, .desk').first().waitFor()
    return { page, close: () => context.close() }
  }
  const open: DeskSite['open'] = async (name, visitOptions = {}) => {
    const visited = await visit(visitOptions)
    await signIn(visited.page, await secretOf(name))
    if (visitOptions.hasCards ?? true) await visited.page.locator('.card:focus').waitFor()
    return visited
  }
  const as: DeskSite['as'] = async (name, method, path, payload) => {
    const response = await service.app.inject({
      method,
      url: `/v1/moderation/${path}`,
      headers: { authorization: `Bearer ${await secretOf(name)}` },
      ...(payload !== undefined && { payload }),
    })
    return { status: response.statusCode, body: response.json() }
  }
  t.teardown(async () => {
    for (const context of browser.contexts()) await context.close()
  })
  return { browser, origin, service, secretOf, newSecretOf, visit, open, as, complaints, requests }
}

export async function signIn(page: Page, secret: string): Promise<void> {
  await page.locator('#token').fill(secret)
  await page.keyboard.press('Enter')
  await page.locator('.desk, .fault:not(:empty)').first().waitFor()
}

/** As somebody who was at another tab: what has been decided meanwhile is asked for at once, and not within five seconds. */
export async function comesBack(page: Page): Promise<void> {
  await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`)
}

/** Where the focus is: the card's id, or what else has it. */
export function focusOf(page: Page): Promise<string> {
  return page.evaluate(`(() => {
    const active = document.activeElement
    return active?.closest('.card')?.dataset.id ?? active?.localName ?? 'nothing'
  })()`)
}

export function saidOn(page: Page): Promise<string> {
  return page.locator('.said').innerText()
}

export async function untilSaid(page: Page, text: string | RegExp): Promise<void> {
  await until(async () => {
    const said = await saidOn(page)
    return (typeof text === 'string' ? said === text : text.test(said)) || undefined
  })
}

async function makeSecret({ store }: TestApp, name: string, scope: TokenScope): Promise<string> {
  const result = await createToken(
    { store, clock: Date.now, newId: uuidv7 },
    { name, scopes: [scope], expiresAtMs: null },
  )
  if (result.kind !== 'created') throw new Error(result.kind)
  return result.secret
}
