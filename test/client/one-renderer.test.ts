import t from 'tap'
import { treeAt } from './dom-tree.ts'
import { hostileTexts, lineOf } from './hostile-texts.ts'
import { type Site, startSite, untilTrue } from './site.ts'

t.setTimeout(600_000)

/* The server and the element make a thread by the same code: what a browser has of both is the same, node by node. */

t.test('a thread from the server and one that the element makes', async (t) => {
  const site = await startSite(t)
  const { service } = site
  const admin = await service.token('moderate')
  const first = await service.publish('threads', { body: 'Is it (https://example.org/a?b=1&c=2), or not?' })
  let parentId = first.id
  for (const name of ['Zoé', '\u0639\u0631\u0628\u064a', 'Eve\u202e', 'Ada', 'Bob'])
    parentId = (await service.publish('threads', { parentId, author: { name, email: 'a@example.org' } })).id
  await service.publish('threads', { body: 'one\r\ntwo\rthree\n\n  four' })
  await service.publish('threads', {
    parentId: first.id,
    body: '&amp; <b>"quoted"</b> \u2068https://a.example/\u2069',
  })
  for (const text of Object.values(hostileTexts))
    await service.publish('hostile', { author: { name: lineOf(text), email: 'a@example.org' }, body: text })
  await service.publish('closed & "quoted" é')
  const closing = await service.app.inject({
    method: 'PUT',
    url: `/v1/moderation/articles/${encodeURIComponent('closed & "quoted" é')}`,
    headers: admin,
    payload: { closedAt: '2020-01-01T00:00:00Z' },
  })
  t.ok(closing.statusCode < 300, closing.body)

  const cases: Record<string, Case> = {
    'replies, links and line breaks': { article: 'threads' },
    'in Arabic': { article: 'threads', lang: 'ar' },
    'of a region': { article: 'threads', lang: 'fr-CA' },
    flat: { article: 'threads', depth: '0' },
    'as deep as it goes': { article: 'threads', depth: '9', heading: '4' },
    'the newest first, the form above': { article: 'threads', order: 'newest', form: 'above' },
    'the first of several pages': { article: 'threads', limit: '3' },
    'without a form': { article: 'threads', form: 'none' },
    'of hostile texts': { article: 'hostile' },
    closed: { article: 'closed & "quoted" é' },
    empty: { article: 'nothing-yet', lang: 'de' },
  }

  await t.test('are the same tree', async (t) => {
    for (const [what, one] of Object.entries(cases)) {
      const html = `<div id="server">${await fragmentOf(site, one)}</div>${elementOf(one)}`
      const { page, complaints, close } = await site.visit(site.pageWith(html))
      await page.locator('imprimatur-comments [data-total]').waitFor()
      const [server, browser] = [
        await page.evaluate(treeAt('#server > section')),
        await page.evaluate(treeAt('imprimatur-comments > section')),
      ]
      t.equal(JSON.stringify(browser, null, 1), JSON.stringify(server, null, 1), what)
      t.same(complaints, [], what)
      await close()
    }
  })

  await t.test('taken over, the server’s stays as it is, and asks for nothing', async (t) => {
    for (const [what, one] of Object.entries(cases)) {
      const fragment = await fragmentOf(site, one)
      const html = site.pageWith(elementOf(one, fragment), {
        dir: one.lang === 'ar' ? 'rtl' : 'ltr',
        head: `<link rel="stylesheet" href="${service.origin}/embed/comments.css">`,
      })
      const { page, asked, complaints, close } = await site.visit(html, {
        prepare: (page) => page.addInitScript(observeAll),
      })
      await untilTrue(page, 'globalThis.hasTakenOver')
      t.same(
        asked.filter((line) => line.includes('/v1/')),
        [],
        `${what}: no request but for the script, the style and the words`,
      )
      t.same(await page.evaluate('changes'), [], `${what}: nothing is changed but how moments read`)
      t.equal(await page.evaluate('shifted'), 0, `${what}: nothing moves`)
      t.same(complaints, [], what)
      await close()
    }
  })
})

type Case = {
  article: string
  lang?: string
  depth?: string
  heading?: string
  order?: string
  form?: string
  limit?: string
}

async function fragmentOf({ service }: Site, { article, ...query }: Case): Promise<string> {
  const answer = await service.call({
    url: `/v1/articles/${encodeURIComponent(article)}/thread.html?${new URLSearchParams(query)}`,
  })
  if (answer.statusCode !== 200) throw new Error(answer.body)
  return answer.body.trimEnd()
}

function elementOf(attributes: Case, inside = ''): string {
  const written = Object.entries(attributes).map(
    ([name, value]) => ` ${name}="${value.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`,
  )
  return `<imprimatur-comments load="now"${written.join('')}>${inside}</imprimatur-comments>`
}

/**
 * From when the script that defines the element runs, which is after the whole page was parsed: each change of a node, but for
 * the text and the title of a moment.
 */
const observeAll = `
  globalThis.changes = []
  globalThis.shifted = 0
  // A moment that reads shorter keeps its place: from right to left it is its left edge alone that is elsewhere.
  const isElsewhere = ({ previousRect: before, currentRect: now }) =>
    before.top !== now.top || (before.left !== now.left && before.right !== now.right)
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) if (sources.some(isElsewhere)) shifted += value
  })
    .observe({ type: 'layout-shift', buffered: true })
  const define = customElements.define
  customElements.define = function (...given) {
    new MutationObserver((records) => {
      for (const { type, target, attributeName, addedNodes, removedNodes } of records) {
        const element = target.nodeType === 1 ? target : target.parentElement
        if (element.localName === 'time' && attributeName !== 'datetime') continue
        changes.push([type, element.outerHTML.slice(0, 200), attributeName, addedNodes.length, removedNodes.length].join(' '))
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true })
    define.apply(this, given)
    // It tells that it is there; what it changed is drawn with the next frame.
    addEventListener('imprimatur-loaded', () =>
      requestAnimationFrame(() => requestAnimationFrame(() => { globalThis.hasTakenOver = true })))
  }`
