import { readFile } from 'node:fs/promises'
import type { Browser, Route } from 'playwright-core'

/** How long the main thread is at work from when the comments are asked for until they are drawn; how many were laid out for that. */
export type Rendering = { taskMs: number; scriptMs: number; layoutMs: number; laidOut: number }

const many = 200
const levels = 10

/** By the element, or as the least that shows the same texts: an item for each, a name and a text in it. */
export async function measureRendering(browser: Browser, by: 'element' | 'bare list'): Promise<Rendering> {
  const context = await browser.newContext({ viewport: { width: 800, height: 900 } })
  try {
    const page = await context.newPage()
    await page.route('**', (route) => answer(route, by))
    await page.goto('http://site.test/')
    const button = page.locator('button')
    await button.waitFor()
    await page.locator('link[href*=css]').waitFor({ state: 'attached' })
    const session = await context.newCDPSession(page)
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    const metrics = async () => {
      const { metrics } = await session.send('Performance.getMetrics')
      return (name: string) => (metrics.find((one) => one.name === name)?.value ?? Number.NaN) * 1_000
    }
    const before = await metrics()
    // Until it is drawn, and by no polling, which would be measured too.
    await page.evaluate(`new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        if (document.querySelectorAll('ol li').length < ${many}) return
        observer.disconnect()
        requestAnimationFrame(() => requestAnimationFrame(resolve))
      })
      observer.observe(document.body, { subtree: true, childList: true })
      document.querySelector('button').click()
    })`)
    const after = await metrics()
    const laidOut = await page.evaluate<number>(
      `[...document.querySelectorAll('ol li p, .imprimatur-body')].filter((text) => text.checkVisibility({ contentVisibilityAuto: true })).length`,
    )
    const msOf = (name: string) => after(name) - before(name)
    return {
      taskMs: msOf('TaskDuration'),
      scriptMs: msOf('ScriptDuration'),
      layoutMs: msOf('LayoutDuration') + msOf('RecalcStyleDuration'),
      laidOut,
    }
  } finally {
    await context.close()
  }
}

async function answer(route: Route, by: 'element' | 'bare list'): Promise<void> {
  const { pathname } = new URL(route.request().url())
  if (pathname.startsWith('/embed/')) {
    const name = pathname.slice('/embed/'.length).replace(/-[0-9a-f]{10}\./, '.')
    const body = await readFile(new URL(`../../embed/${name}`, import.meta.url), 'utf8')
    await route.fulfill({ body, contentType: name.endsWith('.css') ? 'text/css' : 'text/javascript' })
  } else if (pathname.startsWith('/v1/')) await route.fulfill({ json: list })
  else if (pathname === '/bare.js') await route.fulfill({ body: bareScript, contentType: 'text/javascript' })
  else await route.fulfill({ body: page(pages[by]), contentType: 'text/html; charset=utf-8' })
}

const page = (body: string) =>
  `<!doctype html><html lang="en"><title>An article</title><link rel="stylesheet" href="/embed/comments.css">${body}</html>`

const pages = {
  element: `<script type="module" src="/embed/comments.js"></script><imprimatur-comments article="a" load="click" depth="9"></imprimatur-comments>`,
  'bare list': `<button>Show</button><ol></ol><script type="module" src="/bare.js"></script>`,
}

const bareScript = `document.querySelector('button').addEventListener('click', async () => {
  const { comments } = await (await fetch('/v1/')).json()
  document.querySelector('ol').append(...comments.map(({ author, body }) => {
    const [item, name, text] = ['li', 'b', 'p'].map((tag) => document.createElement(tag))
    name.textContent = author.name
    text.textContent = body
    item.append(name, text)
    return item
  }))
})`

const idOf = (index: number) => `019aa5c1-3b7e-7c3a-9d55-${`${index}`.padStart(12, '0')}`

const list = {
  articleId: 'a',
  closed: false,
  total: many,
  nextCursor: null,
  comments: Array.from({ length: many }, (_, index) => ({
    id: idOf(index),
    parentId: index % levels === 0 ? null : idOf(index - 1),
    author: { name: `Reader ${index}` },
    body: `${'A comment of some length, as they are. '.repeat(1 + (index % 5))}See https://example.org/${index}.`,
    submittedAt: new Date(1_767_225_600_000 + index * 60_000).toISOString(),
  })),
}
