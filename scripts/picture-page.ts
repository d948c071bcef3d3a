import { mkdir, readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { runService } from '../examples/newspaper/run-service.ts'
import { moderatorOf, seed, type Written } from '../examples/newspaper/seed.ts'
import { serveSite } from '../examples/newspaper/serve-site.ts'
import { startChromium } from '../test/client/chromium.ts'
import { blocksOf } from '../test/readme/blocks.ts'

/*
 * Makes the pictures in docs/pictures/: of the newspaper's page, and of the looks whose style docs/embedding.md gives to
 * copy, as a browser shows them over a running service. `node scripts/picture-page.ts`, then look at them.
 */

// This machine's own fonts; the browser's package brings one without serifs.
process.env['FONTCONFIG_PATH'] ??= '/etc/fonts'

const folder = fileURLToPath(new URL('../docs/pictures/', import.meta.url))
const embedding = await readFile(new URL('../docs/embedding.md', import.meta.url), 'utf8')

const readers: readonly Written[] = [
  {
    name: 'Ada',
    body: 'A fine article. I still keep the first issue in a drawer.',
    replies: [{ name: 'Grace', body: 'So do I, and it has not been updated since.' }],
  },
  { name: 'Zoé', body: 'Who reads it at two in the morning?' },
]

const ends: (() => Promise<unknown>)[] = []
try {
  await mkdir(folder, { recursive: true })
  const browser = await startChromium({ teardown: (end) => ends.push(end) })
  const site = await serveSite(0)
  ends.push(site.close)
  const service = await runService(site.origin)
  ends.push(service.close)
  site.showCommentsOf(service.origin)
  await seed(service.origin, service.moderatorToken, site.origin)
  await moderatorOf(service.origin, service.moderatorToken).publish('why-we-print', readers)

  await picturePage(browser, `${site.origin}/pourquoi-nous-imprimons`)
  for (const block of blocksOf(embedding)) {
    const [, look] = (block.kind === 'file' && /^look-(\w+)\.css$/.exec(block.name)) || []
    if (look !== undefined && block.kind === 'file')
      await pictureLook(browser, look, block.text, site.origin, service.origin)
  }
} finally {
  for (const end of ends.reverse()) await end()
}

async function picturePage(browser: Browser, url: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ viewport: { width: 760, height: 1_420 }, colorScheme: scheme })
    await openThread(page, url)
    // The end of the article above, and as much of the thread as there is room for.
    await page.evaluate('scrollTo(0, document.querySelector(".readers").offsetTop - 30)')
    await save(page, `page-${scheme}`)
  }
  const page = await browser.newPage({ viewport: { width: 360, height: 760 } })
  await openThread(page, url)
  await page.evaluate('scrollTo(0, document.querySelector(".imprimatur-send").offsetTop - 30)')
  await save(page, 'page-narrow')
}

/** A page that has nothing but the element and the style. */
async function pictureLook(
  browser: Browser,
  look: string,
  style: string,
  site: string,
  service: string,
): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 400, height: 720 }, bypassCSP: true })
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <link rel="stylesheet" href="${service}/embed/comments.css"><style>${style}</style>
    <script type="module" src="${service}/embed/comments.js"></script>
    <imprimatur-comments article="why-we-print" load="now"></imprimatur-comments>`
  // In place of one of the newspaper's, which may ask the service.
  await page.goto(`${site}/regles`)
  await page.setContent(html)
  await page.locator('.imprimatur-comment').first().waitFor()
  await save(page, `look-${look}`)
}

async function openThread(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.locator('imprimatur-comments').scrollIntoViewIfNeeded()
  await page.locator('.imprimatur-comment').first().waitFor()
}

async function save(page: Page, name: string): Promise<void> {
  const path = `${folder}${name}.png`
  await page.screenshot({ path })
  await page.close()
  console.log(`${name}.png: ${Math.ceil((await stat(path)).size / 1024)} KiB`)
}
