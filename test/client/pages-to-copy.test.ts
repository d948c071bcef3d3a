import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { blocksOf } from '../readme/blocks.ts'
import { startChromium } from './chromium.ts'
import { hostileTexts, lineOf } from './hostile-texts.ts'

/* The pages that docs/embedding.md gives to copy, as they stand there, with comments that nobody would like to have beside theirs. */

t.setTimeout(300_000)

type Shown = { name: string; body: string }

const harmless: Shown = { name: 'Eve', body: 'A fine article.' }

t.test('nothing that readers wrote is drawn over its neighbours, or turns them round', async (t) => {
  const browser = await startChromium(t)
  const service = await serviceShowing(t)
  for (const [file, urlOf] of Object.entries({ 'thread.html': pageServer, 'site.mjs': siteServer })) {
    const url = await urlOf(t, await blockNamed(file), service.origin)
    // One with a hostile name and one with a hostile text, and something harmless before, between and behind.
    const seen = async ({ name, body }: Shown) => {
      service.show([ada, { ...harmless, name }, ada, { ...harmless, body }, ada])
      const page = await browser.newPage({ viewport: { width: 320, height: 640 } })
      await page.goto(url)
      await page.locator('li').nth(4).waitFor()
      const wide = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
      const pictures: Record<string, string> = {}
      for (const [what, selector] of Object.entries(beside)) pictures[what] = await pictureOf(page, selector)
      const texts = await page.locator('li:nth-child(2) bdi, li:nth-child(4) p').allTextContents()
      await page.close()
      return { pictures, texts, wide }
    }
    const expected = await seen(harmless)
    for (const [what, text] of Object.entries(hostileTexts)) {
      const { pictures, texts, wide } = await seen({ name: lineOf(text), body: text })
      const changed = Object.keys(pictures).filter((part) => pictures[part] !== expected.pictures[part])
      t.same(changed, [], `${file}, ${what}: all that stands beside looks as it did`)
      t.same(texts, [lineOf(text), text], `${file}, ${what}: the text is what was sent`)
      t.ok(wide <= 0, `${file}, ${what}: the page is no wider than its window`)
    }
  }
})

const ada: Shown = { name: 'Ada', body: 'Indeed.' }

const beside = {
  'the comment before': 'li:nth-child(1)',
  'the text below the name': 'li:nth-child(2) p',
  'the comment between': 'li:nth-child(3)',
  'the name above the text': 'li:nth-child(4) bdi',
  'the comment behind': 'li:nth-child(5)',
}

async function pictureOf(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).screenshot()).toString('base64')
}

async function blockNamed(name: string): Promise<string> {
  const embedding = await readFile(new URL('../../docs/embedding.md', import.meta.url), 'utf8')
  const block = blocksOf(embedding).find((one) => one.kind === 'file' && one.name === name)
  if (block?.kind !== 'file') throw new Error(`docs/embedding.md has no ${name}`)
  return block.text
}

/** Answers as the list does. */
async function serviceShowing(t: Test) {
  let shown: readonly Shown[] = []
  const server = createServer((_request, response) => {
    const comments = shown.map(({ name, body }, id) => ({ id, author: { name }, body }))
    response.setHeader('content-type', 'application/json').setHeader('access-control-allow-origin', '*')
    response.end(JSON.stringify({ total: comments.length, comments, nextCursor: null }))
  })
  const show = (comments: readonly Shown[]) => {
    shown = comments
  }
  return { origin: await listening(t, server), show }
}

async function pageServer(t: Test, text: string, service: string): Promise<string> {
  const page = text.replaceAll('http://127.0.0.1:3000', service)
  return listening(
    t,
    createServer((_request, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8').end(page)
    }),
  )
}

async function siteServer(t: Test, text: string, service: string): Promise<string> {
  const free = createServer()
  const url = await listening(t, free)
  free.close()
  const file = join(t.testdir(), 'site.mjs')
  await writeFile(
    file,
    text.replaceAll('http://127.0.0.1:3000', service).replaceAll('8080', new URL(url).port),
  )
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(async () => {
    child.kill()
    await once(child, 'exit')
  })
  await once(child.stdout, 'data')
  return url
}

async function listening(t: Test, server: ReturnType<typeof createServer>): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
