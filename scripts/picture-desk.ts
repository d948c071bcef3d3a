import { mkdir, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { runService } from '../examples/newspaper/run-service.ts'
import { moderatorOf } from '../examples/newspaper/seed.ts'
import { startChromium } from '../test/client/chromium.ts'

/*
 * Makes the pictures of the desk in docs/pictures/, as a browser shows it over a running service. `node scripts/picture-desk.ts`,
 * then look at them.
 */

// This machine's own fonts; the browser's package brings one without serifs.
process.env['FONTCONFIG_PATH'] ??= '/etc/fonts'

const folder = fileURLToPath(new URL('../docs/pictures/', import.meta.url))
const site = 'https://www.example.org'

const waiting = [
  ['Ada', 'why-we-print', 'I still keep the first issue in a drawer. It has not been updated since.'],
  ['Linus', 'why-we-print', 'Does anybody read this?\n\nI do, at two in the morning.'],
  ['Zoé', 'letters', 'Buy my book, it is cheap, it is good, and it is mine.'],
  ['Grace', 'why-we-print', 'The second paragraph has the wrong year: it was 1952.'],
] as const

const ends: (() => Promise<unknown>)[] = []
try {
  await mkdir(folder, { recursive: true })
  const browser = await startChromium({ teardown: (end) => ends.push(end) })
  const service = await runService(site)
  ends.push(service.close)
  const { tell } = moderatorOf(service.origin, service.moderatorToken)
  await tell('why-we-print', { title: 'Why we print', url: `${site}/why-we-print` })
  await tell('letters', { title: 'Letters', url: `${site}/letters` })
  const call = async (path: string, body: object) => {
    const response = await fetch(`${service.origin}/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${service.moderatorToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(await response.text())
    return response.json() as Promise<{ id: string }>
  }
  const submit = (name: string, articleId: string, body: string, parentId: string | null = null) => {
    const email = `${name
      .normalize('NFD')
      .replace(/\P{ASCII}/gu, '')
      .toLowerCase()}@example.org`
    return call(`/articles/${articleId}/comments`, { author: { name, email }, body, parentId })
  }
  const fine = await submit('Grace', 'why-we-print', 'A fine article.')
  await call(`/moderation/comments/${fine.id}/approve`, {})
  const advertising = await submit('Ada', 'letters', 'Whoever looks for a drawer: I sell them.')
  await call(`/moderation/comments/${advertising.id}/reject`, { reasonCode: 'advertising' })
  for (const [index, [name, articleId, body]] of waiting.entries())
    await submit(name, articleId, body, index === 0 ? fine.id : null)

  const open = async (options: BrowserContextOptions): Promise<Page> => {
    const page = await browser.newPage({ locale: 'en', ...options })
    await page.goto(`${service.origin}/desk`)
    await page.locator('#token').fill(service.moderatorToken)
    await page.keyboard.press('Enter')
    await page.locator('.card:focus').waitFor()
    return page
  }
  const context = (page: Page) => page.locator('.context > section').first().waitFor()

  const light = await open({ viewport: { width: 1_280, height: 820 } })
  await light.keyboard.press('c')
  await context(light)
  await save(light, 'desk-light')
  const dark = await open({ viewport: { width: 1_280, height: 820 }, colorScheme: 'dark' })
  await dark.keyboard.press('j')
  await dark.keyboard.press('r')
  await save(dark, 'desk-dark')
  await save(await open({ viewport: { width: 360, height: 740 }, hasTouch: true }), 'desk-narrow')
} finally {
  for (const end of ends.reverse()) await end()
}

async function save(page: Page, name: string): Promise<void> {
  const path = `${folder}${name}.png`
  await page.screenshot({ path })
  await page.close()
  console.log(`${name}.png: ${Math.ceil((await stat(path)).size / 1024)} KiB`)
}
