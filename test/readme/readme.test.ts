import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Browser } from 'happy-dom'
import t, { type Test } from 'tap'
import { startChromium } from '../client/chromium.ts'
import { freePort } from '../support/free-port.ts'
import { linkInstalled } from '../support/process.ts'
import { until } from '../support/until.ts'
import { type Block, blocksOf, outputMatcher, withOutputs } from './blocks.ts'
import { openTerminal, type RunningCommand } from './terminal.ts'

/*
 * Does what README.md says, as it stands there and in its order, the way somebody does who has just arrived: in a copy of
 * the checkout. Only the ports are others, so that it disturbs nobody; and what its `npm ci` would bring is linked from here, since
 * CI has just begun with the same (INSTALL=1 unpacks it). Where README.md says so, in a comment that no reader sees, another
 * document is gone through before it goes on.
 */

const root = fileURLToPath(new URL('../..', import.meta.url))
const readme = await readFile(join(root, 'README.md'), 'utf8')
/** `README_UPDATE=1 node test/readme/readme.test.ts` writes what is really printed into README.md and those documents. */
const updates = process.env['README_UPDATE'] === '1'

t.setTimeout(600_000)

t.test('README.md holds true, command by command', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'imprimatur-readme-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const checkout = join(folder, 'imprimatur')
  await cp(root, checkout, { recursive: true, filter: (path) => !notCommitted.has(basename(path)) })

  const isInstalled = await linkInstalled(checkout)

  const ports = new Map<string, string>()
  for (const port of ['3000', '8080', '8081']) ports.set(port, String(await freePort()))
  const origin = (port: string) => `http://127.0.0.1:${ports.get(port)}`
  const here = (text: string) =>
    text.replaceAll(/:3000\b|\b808[01]\b/g, (all) => all.replace(/\d+/, (port) => ports.get(port) ?? port))
  const there = (text: string) => [...ports].reduce((all, [port, free]) => all.replaceAll(free, port), text)
  const api: Api = async (method, path) => {
    const token = await readFile(join(checkout, 'data', 'moderator-token'), 'utf8')
    const headers = { authorization: `Bearer ${token.trim()}` }
    return (await fetch(`${origin('3000')}/v1${path}`, { method, headers })).json() as Promise<Answer>
  }

  const terminal = await openTerminal(t, checkout, {
    PORT: ports.get('3000') ?? '',
    IMPRIMATUR_URL: origin('3000'),
  })
  const { matches } = outputMatcher()
  const printed = new Map<string, Map<Block, string>>()
  let service: RunningCommand | undefined
  for (const { file, block } of await tour('README.md')) {
    if (block.kind === 'file') {
      await writeFile(join(checkout, block.name), here(block.text))
      if (block.name === 'thread.html')
        await t.test('the page embeds', (t) =>
          pageEmbeds(t, here('http://localhost:8081'), here(block.text), api),
        )
      if (block.name === 'page.html')
        await t.test('the tag shows comments, and takes one', (t) =>
          tagEmbeds(t, here('http://localhost:8081'), here(block.text), api),
        )
      continue
    }
    const command = here(isInstalled ? block.command.replace(/^npm ci && /, '') : block.command)
    const shown = here(block.output)
    const place = `${file}:${block.line}: ${block.command}`
    if (!goesOnRunning.test(command)) {
      const answer = await terminal.type(command)
      const own = printed.get(file) ?? new Map<Block, string>()
      printed.set(file, own.set(block, there(answer)))
      if (updates || matches(shown, answer)) t.pass(place)
      else t.equal(answer, shown, place)
      continue
    }
    if (servesComments.test(command)) await interrupts(t, service)
    const isReady = (text: string) => outputMatcher().matches(`${shown}…\n`, text)
    const running = await terminal.start(command, isReady, command.startsWith('npx') ? currentNode : {})
    t.pass(place)
    if (servesComments.test(command)) service = running
    if (command.includes('site.mjs'))
      await t.test('the site embeds', (t) => siteEmbeds(t, origin('8080'), api))
  }
  await interrupts(t, service)
  if (!updates) return
  for (const [file, own] of printed) {
    const path = join(root, file)
    await writeFile(path, withOutputs(await readFile(path, 'utf8'), own))
  }
})

t.test('the commands of README.md are those that CI runs', async (t) => {
  const ci = await readFile(join(root, '.ci/run'), 'utf8')
  t.match(ci, 'npm ci && npm test')
  t.match(readme, /^npm ci && npm test$/m)
})

/** The blocks of a document in their order, with those of the documents that it names in between where it names them. */
async function tour(file: string): Promise<{ file: string; block: Block }[]> {
  const text = await readFile(join(root, file), 'utf8')
  const stops = await Promise.all(
    [...text.matchAll(/^<!-- the tests go on here with (\S+) -->$/gm)].map(
      async ({ 1: other = '', index }) => ({
        line: text.slice(0, index).split('\n').length,
        own: await tour(other),
      }),
    ),
  )
  const own = blocksOf(text).map((block) => ({ line: block.line, own: [{ file, block }] }))
  return [...own, ...stops].sort((one, other) => one.line - other.line).flatMap((part) => part.own)
}

const notCommitted = new Set(['.git', '.tap', 'data', 'dist', 'node_modules'])
const servesComments = /npm start$|npx imprimatur$/
const goesOnRunning = new RegExp(`${servesComments.source}|node site\\.mjs$`)

/** The checkout brings a Node.js of its own; the package says that one must be there. */
const currentNode = { PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter) }

async function interrupts(t: Test, service: RunningCommand | undefined): Promise<void> {
  if (service === undefined) return
  await service.interrupt()
  t.match(service.printed(), /"signal":"SIGINT","msg":"closing"\}\n$/, 'Ctrl-C ends the service gracefully')
}

type Answer = { comments: { id: string; author: { name: string; email: string } }[] }
type Api = (method: string, path: string) => Promise<Answer>

const hostile = '<img src=x onerror="globalThis.taken = true"> & <b>bold</b>'

async function siteEmbeds(t: Test, site: string, api: Api): Promise<void> {
  const form = await (await fetch(site)).text()
  const key = /name="key" type="hidden" value="([^"]+)"/.exec(form)?.[1] ?? ''
  const send = async (fields: Record<string, string>) => {
    const headers = { 'accept-language': 'fr-CA, fr;q=0.8' }
    return (await fetch(site, { method: 'POST', headers, body: new URLSearchParams(fields) })).text()
  }
  const fields = { name: 'Eve <i>', email: 'eve@example.org', body: hostile, key }
  t.match(await send(fields), '<p>Merci pour votre commentaire.')
  t.match(await send(fields), '<p>Merci pour votre commentaire.')
  t.match(await send({ ...fields, email: 'eve', key: '' }), '<p>/author/email must be an e-mail address')

  const { comments } = await api('GET', '/moderation/comments')
  const own = comments.filter(({ author }) => author.email === 'eve@example.org')
  t.equal(own.length, 1, 'the form that was sent twice is taken once')
  await api('POST', `/moderation/comments/${own[0]?.id}/approve`)
  const shown = await (await fetch(site)).text()
  t.match(shown, '<bdi>Eve &#60;i&#62;</bdi><p dir="auto">&#60;img')
  t.match(shown, 'white-space: pre-line; overflow-wrap: anywhere')
  t.match(shown, '&#60;img src=x onerror=&#34;globalThis.taken = true&#34;&#62; &#38; &#60;b&#62;')
  t.notMatch(shown, /<img|<i>|eve@example\.org/)
}

/** In a browser without a window, which asks the service's permission across origins as any browser does. */
async function pageEmbeds(t: Test, site: string, page: string, api: Api): Promise<void> {
  // A browser for each: its pages share a cache, and with it what another origin may see.
  const open = async (url: string) => {
    const browser = new Browser({
      settings: { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true },
    })
    t.teardown(() => browser.close())
    const tab = browser.newPage()
    tab.url = url
    tab.content = page
    await tab.waitUntilComplete()
    return tab.mainFrame.window
  }

  const window = await open(`${site}/thread.html`)
  const { document } = window
  const textOf = (id: string) => document.getElementById(id)?.textContent
  t.equal(textOf('total'), '1')
  t.equal(document.querySelector('#comments li:last-child bdi')?.textContent, 'Eve <i>')
  const text = document.querySelector('#comments li:last-child p')
  t.equal(text?.textContent, hostile)
  t.equal(text?.getAttribute('dir'), 'auto')
  const style = text === null ? null : window.getComputedStyle(text)
  t.match(style, { whiteSpace: 'pre-line', overflowWrap: 'anywhere' })
  t.equal(document.querySelector('#comments img'), null, 'no comment becomes markup')

  const fill = (field: string, value: string) => {
    const input = document.querySelector(`[name=${field}]`)
    if (input === null || !('value' in input)) throw new Error(`no field ${field}`)
    input.value = value
    input.dispatchEvent(new window.Event('input', { bubbles: true }))
  }
  fill('name', 'Grace')
  fill('email', 'grace@example.org')
  fill('body', 'Sent from a page.')
  const form = document.querySelector('form')
  form?.dispatchEvent(new window.Event('submit', { bubbles: true, cancelable: true }))
  const said = await until(() => textOf('said') || undefined)
  t.equal(said, 'Thank you for your comment. It will appear once a moderator has approved it.')
  const { comments } = await api('GET', '/moderation/comments')
  t.equal(comments.filter(({ author }) => author.email === 'grace@example.org').length, 1)

  const elsewhere = await open('http://elsewhere.example/thread.html')
  t.equal(elsewhere.document.getElementById('total')?.textContent, '', 'another origin is told nothing')
}

/** In a real browser: the element is what a page has of it. */
async function tagEmbeds(t: Test, site: string, text: string, api: Api): Promise<void> {
  const browser = await startChromium(t)
  const page = await browser.newPage()
  await page.clock.install()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (line) => {
    if (line.type() === 'error') complaints.push(line.text())
  })
  // Served and not put into the browser, which lets such a page ask nothing of this machine.
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(text)
  })
  server.listen(Number(new URL(site).port), 'localhost')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  await page.goto(`${site}/page.html`)
  await page.locator('imprimatur-comments').scrollIntoViewIfNeeded()
  await page.locator('.imprimatur-author', { hasText: 'Eve <i>' }).waitFor()
  t.equal(await page.locator('.imprimatur-body').last().innerText(), hostile)
  await page.fill('[name=name]', 'Hedy')
  await page.fill('[name=email]', 'hedy@example.org')
  await page.fill('[name=body]', 'Sent by the tag.')
  // Nobody writes that fast.
  await page.clock.fastForward(10_000)
  await page.click('.imprimatur-send')
  const status = page.locator('.imprimatur-status:not(:empty)')
  await status.waitFor()
  const thanks = 'Thank you for your comment. It will appear once a moderator has approved it.'
  t.equal(await status.innerText(), thanks)
  const { comments } = await api('GET', '/moderation/comments')
  t.equal(comments.filter(({ author }) => author.email === 'hedy@example.org').length, 1)
  t.same(complaints, [])
}
