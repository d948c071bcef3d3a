import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Test } from 'tap'
import { startApp, type TestApp, type TestAppOptions } from '../support/app.ts'
import { freePort } from '../support/free-port.ts'
import { until } from '../support/until.ts'
import { startChromium } from './chromium.ts'

/** A site of another origin than the service's, as a browser of its readers has it. */
export type Site = {
  browser: Browser
  origin: string
  service: TestApp & { origin: string }
  /** A page of the site's under its strict policy, and all that a browser complains of while it is open. */
  visit: (html: string, options?: VisitOptions) => Promise<Visit>
  /** Puts a page at an address of the site's. */
  put: (path: string, html: string) => string
  /** A page around this: with the element's script unless another is named. */
  pageWith: (body: string, parts?: PageParts) => string
}

export type Visit = {
  page: Page
  /** Violations of the policy, errors, and requests to a third party. */
  complaints: string[]
  /** What the service was asked for: `GET /v1/counts?articleId=a`. */
  asked: string[]
  close: () => Promise<void>
}

type VisitOptions = BrowserContextOptions & {
  hash?: string
  /** Before the page is there. */
  prepare?: (page: Page) => Promise<unknown>
}

type PageParts = { lang?: string; dir?: string; head?: string; script?: string | null }

export async function startSite(t: Test, options: TestAppOptions = {}): Promise<Site> {
  const browser = await startChromium(t)
  const port = await freePort()
  const serviceOrigin = `http://127.0.0.1:${port}`
  const testApp = await startApp(t, { corsOrigins: '*', publicUrl: serviceOrigin, ...options })
  await testApp.app.listen({ host: '127.0.0.1', port })

  const pages = new Map([['/site.css', siteStyle]])
  const server = createServer((request, response) => {
    const html = pages.get((request.url ?? '').split('?')[0] ?? '')
    response.statusCode = html === undefined ? 404 : 200
    const mediaType = request.url === '/site.css' ? 'text/css' : 'text/html; charset=utf-8'
    response.setHeader('content-type', mediaType)
    response.setHeader('content-security-policy', policyOf(serviceOrigin))
    response.end(html ?? '')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const put: Site['put'] = (path, html) => {
    pages.set(path, html)
    return `${origin}${path}`
  }

  const visit: Site['visit'] = async (html, { hash = '', prepare, ...contextOptions } = {}) => {
    const context = await browser.newContext({ viewport: { width: 800, height: 900 }, ...contextOptions })
    const page = await context.newPage()
    const complaints: string[] = []
    const asked: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (line) => {
      if (line.type() === 'error') complaints.push(line.text())
    })
    page.on('request', (request) => {
      const url = request.url()
      if (url.startsWith(`${serviceOrigin}/`))
        asked.push(`${request.method()} ${url.slice(serviceOrigin.length)}`)
      else if (!url.startsWith(`${origin}/`)) complaints.push(`a request to ${url}`)
    })
    await page.addInitScript(violationsAsErrors)
    await prepare?.(page)
    await page.goto(put(`/${pages.size}`, html) + hash)
    return { page, complaints, asked, close: () => context.close() }
  }

  const pageWith: Site['pageWith'] = (
    body,
    { lang = 'en', dir = 'ltr', head = '', script = 'comments' } = {},
  ) =>
    `<!doctype html><html lang="${lang}" dir="${dir}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>An article</title><link rel="stylesheet" href="/site.css">${head}
${script === null ? '' : `<script type="module" src="${serviceOrigin}/embed/${script}.js"></script>`}
</head><body><main><h1>An article</h1>${body}</main></body></html>`

  return { browser, origin, service: { ...testApp, origin: serviceOrigin }, visit, put, pageWith }
}

/** Until it is so in the page. Playwright's own `waitForFunction` asks again from inside of the page, where its policy forbids that. */
export async function untilTrue(page: Page, expression: string): Promise<void> {
  await until(async () => ((await page.evaluate(expression)) ? true : undefined))
}

/** Until what was changed is drawn. */
export async function twoFrames(page: Page): Promise<void> {
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
}

/** axe takes a page that says nothing for white, in the dark too. */
const siteStyle = 'html { background: Canvas; color: CanvasText }'

/** What a careful site allows, the service beside itself and nothing else. */
function policyOf(service: string): string {
  const own = `'self' ${service}`
  return `default-src 'none'; script-src ${own}; style-src ${own}; connect-src ${own}; form-action ${own}; require-trusted-types-for 'script'`
}

const violationsAsErrors = `document.addEventListener('securitypolicyviolation', (event) =>
  console.error('against the policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample))`
