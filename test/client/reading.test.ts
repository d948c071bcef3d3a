import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { until } from '../support/until.ts'
import { measureRendering } from './rendering.ts'
import { type Site, startSite, twoFrames, untilTrue } from './site.ts'

t.setTimeout(600_000)

/* `<imprimatur-comments>` and `<imprimatur-count>` on a site's page, for who reads. */

const comments = (attributes: string) => `<imprimatur-comments ${attributes}></imprimatur-comments>`

t.test('a page that shows comments', async (t) => {
  const site = await startSite(t)
  const { service } = site
  const ada = await service.publish('a', { author: { name: 'Ada', email: 'ada@example.org' }, body: 'first' })
  const ids = [ada.id]
  for (const body of ['second', 'third', 'fourth', 'fifth'])
    ids.push((await service.publish('a', { author: { name: 'Zoé', email: 'z@example.org' }, body })).id)
  const reply = await service.publish('a', { parentId: ada.id, body: 'a reply' })
  await service.publish('b', { body: 'of another article' })

  await t.test(
    'costs a script, a style and a list, breaks no rule of a strict policy, and asks nobody else',
    async (t) => {
      const { page, asked, complaints, close } = await site.visit(site.pageWith(comments('article="a"')))
      await shownBodies(page, 6)
      t.match(asked, [
        /^GET \/embed\/comments\.js$/,
        /^GET \/embed\/comments-[0-9a-f]{10}\.css$/,
        /^GET \/v1\/articles\/a\/comments\?limit=50$/,
      ])
      t.equal(asked.length, 3)
      t.same(complaints, [])
      t.equal(await page.evaluate('document.cookie + localStorage.length + sessionStorage.length'), '00')
      await close()
    },
  )

  await t.test(
    'has comments that are articles with a name, in nested lists under one heading with the count',
    async (t) => {
      const { page, close } = await site.visit(site.pageWith(comments('article="a"')))
      await shownBodies(page, 6)
      t.equal(await page.locator('imprimatur-comments h2').innerText(), '6 comments')
      t.equal(await page.getByRole('region', { name: '6 comments' }).count(), 1)
      t.equal(
        await page
          .getByRole('article', { name: /^Ada (this minute|\d+ minutes? ago) in reply to Ada$/ })
          .count(),
        1,
      )
      t.equal(await page.getByRole('article', { name: /^Zoé (this minute|\d+ minutes? ago)$/ }).count(), 4)
      t.equal(await page.locator('ol > li > ol > li > article').count(), 1)
      t.equal(
        await page.getAttribute(`#comment-${reply.id} a.imprimatur-time`, 'href'),
        `#comment-${reply.id}`,
      )
      t.equal(await page.getAttribute(`#comment-${reply.id} .imprimatur-to a`, 'href'), `#comment-${ada.id}`)
      t.match(await page.getAttribute('time', 'title'), /\d{4}.*:\d\d/)
      t.equal(await page.locator('[role=status]').count(), 1, 'one status, there before it says anything')
      t.equal(await page.locator('[role=status]').innerText(), '')
      await close()
    },
  )

  await t.test(
    'moves little without the fragment, and not where the style is named in the page',
    async (t) => {
      const footer = '<footer>Printed on paper.</footer>'
      const style = `<link rel="stylesheet" href="${service.origin}/embed/comments.css">`
      const html = site.pageWith(comments('article="a"') + footer, { head: style })
      const { page, close } = await site.visit(html, { prepare: (page) => page.addInitScript(countShifts) })
      await shownBodies(page, 6)
      await twoFrames(page)
      t.ok(Number(await page.evaluate('shifted')) <= 0.02, `${await page.evaluate('shifted')}`)
      await close()
    },
  )

  await t.test(
    'goes to the comment that its address names, also on a later page, and to another',
    async (t) => {
      const html = site.pageWith(
        `<p>${'<br>'.repeat(80)}</p>${comments('article="a" limit="2" load="click"')}`,
      )
      const { page, asked, close } = await site.visit(html, { hash: `#comment-${ids[4]}` })
      await inSight(page, `#comment-${ids[4]}`)
      t.equal(asked.filter((line) => line.includes('/v1/')).length, 3, 'three pages of two')
      await page.evaluate(`location.hash = '#comment-${ada.id}'`)
      await inSight(page, `#comment-${ada.id}`)
      await page.evaluate(`location.hash = '#comment-${reply.id}'`)
      await inSight(page, `#comment-${reply.id}`)
      await close()
    },
  )

  await t.test('loads when it comes into sight, at once, or when asked to', async (t) => {
    const far = `<p>${'<br>'.repeat(200)}</p>`
    const seen = await site.visit(site.pageWith(far + comments('article="a"')))
    await seen.page.locator('imprimatur-comments h2').waitFor({ state: 'attached' })
    await twoFrames(seen.page)
    t.notMatch(seen.asked.join(), '/v1/')
    await seen.page.locator('imprimatur-comments').scrollIntoViewIfNeeded()
    await shownBodies(seen.page, 6)
    await seen.close()

    const now = await site.visit(site.pageWith(far + comments('article="a" load="now"')))
    await now.page.locator('article').nth(5).waitFor({ state: 'attached' })
    await now.close()

    const click = await site.visit(site.pageWith(comments('article="a" load="click"')))
    const button = click.page.getByRole('button', { name: 'Show the comments' })
    await button.waitFor()
    t.notMatch(click.asked.join(), '/v1/')
    await button.click()
    await shownBodies(click.page, 6)
    await click.close()
  })

  await t.test('follows its attributes while it is there', async (t) => {
    const { page, complaints, close } = await site.visit(site.pageWith(comments('article="a" limit="2"')))
    await shownBodies(page, 2)
    const set = (name: string, value: string | null) =>
      page.evaluate(
        `document.querySelector('imprimatur-comments').${value === null ? `removeAttribute('${name}')` : `setAttribute('${name}', '${value}')`}`,
      )
    await set('order', 'newest')
    await page.locator('.imprimatur-body', { hasText: 'a reply' }).waitFor()
    await set('limit', '50')
    await shownBodies(page, 6)
    t.equal(await page.locator('.imprimatur-body').first().innerText(), 'fifth')
    await set('order', null)
    await untilTrue(page, `document.querySelector('.imprimatur-body')?.textContent === 'first'`)
    await set('heading', '4')
    await page.locator('imprimatur-comments h4.imprimatur-count').waitFor()
    t.equal(await page.locator('imprimatur-comments form h5').count(), 1)
    await set('depth', '0')
    await untilTrue(page, `document.querySelector('ol ol') === null`)
    await set('form', 'above')
    await untilTrue(
      page,
      `document.querySelector('form').compareDocumentPosition(document.querySelector('ol')) === 4`,
    )
    await set('form', 'none')
    await page.locator('form').waitFor({ state: 'detached' })
    t.equal(await page.locator('.imprimatur-reply').count(), 0)
    await set('form', 'below')
    await set('rules', 'https://site.example/rules')
    await set('privacy', 'https://site.example/privacy')
    await page.locator('form a', { hasText: 'Privacy' }).waitFor()
    t.equal(await page.getAttribute('form a:text("Rules")', 'href'), 'https://site.example/rules')
    await set('lang', 'fr')
    await page.getByRole('button', { name: 'Envoyer' }).waitFor()
    t.equal(await page.getAttribute('imprimatur-comments > section', 'lang'), 'fr')
    await set('lang', 'ar')
    await page.locator('imprimatur-comments > section[dir=rtl]').waitFor()
    await set('lang', null)
    await page.getByRole('button', { name: 'Send' }).waitFor()
    await set('article', 'b')
    await page.locator('.imprimatur-body', { hasText: 'of another article' }).waitFor()
    await shownBodies(page, 1)
    await set('article', 'nobody-wrote-yet')
    await page.getByText('Be the first to say what you think!').waitFor()
    t.same(complaints, [])
    await close()
  })

  await t.test(
    'stops and starts with being on the page, and follows what was changed meanwhile',
    async (t) => {
      const { page, asked, complaints, close } = await site.visit(
        site.pageWith(comments('article="a" load="now"')),
      )
      await shownBodies(page, 6)
      const lists = () => asked.filter((line) => line.includes('/comments?')).length
      await page.evaluate(
        `globalThis.element = document.querySelector('imprimatur-comments'); element.remove()`,
      )
      await page.evaluate(`document.body.append(element)`)
      await twoFrames(page)
      t.equal(lists(), 1, 'put in again, it is as it was')
      await shownBodies(page, 6)
      await page.evaluate(
        `element.remove(); element.setAttribute('article', 'b'); document.body.append(element)`,
      )
      await page.locator('.imprimatur-body', { hasText: 'of another article' }).waitFor()
      await shownBodies(page, 1)
      // As Turbo goes from page to page: another body in place of this one; and back, by a copy that it had made.
      await page.evaluate(`(() => {
      const [body, comments] = [document.createElement('body'), document.createElement('imprimatur-comments')]
      comments.setAttribute('article', 'a')
      body.append(comments)
      globalThis.copy = document.body.cloneNode(true)
      document.body.replaceWith(body)
    })()`)
      await shownBodies(page, 6)
      const before = lists()
      await page.evaluate('document.body.replaceWith(copy)')
      await shownBodies(page, 1)
      await twoFrames(page)
      t.equal(lists(), before, 'what was copied is taken over')
      await page.evaluate(`globalThis.element = document.createElement('imprimatur-comments')`)
      await page.evaluate(
        `element.setAttribute('article', 'a'); document.body.append(element); copy = element.cloneNode(true)`,
      )
      await page.locator('article', { hasText: 'first' }).waitFor()
      await page.evaluate(`element.replaceWith(copy)`)
      await page.locator('article', { hasText: 'first' }).waitFor()
      t.same(complaints, [])
      await close()
    },
  )

  await t.test('has room for two', async (t) => {
    const { page, complaints, close } = await site.visit(
      // Both at once: what the first shows may push the second out of sight before it has looked.
      site.pageWith(comments('article="a" load="now"') + comments('article="b" lang="fr" load="now"')),
    )
    await shownBodies(page, 7)
    t.same(await page.locator('.imprimatur-count').allInnerTexts(), ['6 comments', 'Commentaire 1'])
    t.equal(
      await page.evaluate(
        `(() => { const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id); return ids.length - new Set(ids).size })()`,
      ),
      0,
      'no id stands twice',
    )
    t.same(complaints, [])
    await close()
  })

  await t.test('can take the address of the page for the article', async (t) => {
    const article = `${site.origin}/why?page=2`
    await service.publish(article, { body: 'by its address' })
    const html = site.pageWith(comments('article="canonical"'))
    const counted = site.put('/why', html)
    const { page, close } = await site.visit('')
    await page.goto(`${counted}?utm_source=mail&page=2&fbclid=3#top`)
    await page.locator('.imprimatur-body', { hasText: 'by its address' }).waitFor()
    t.equal(await page.getAttribute('imprimatur-comments > section', 'data-article'), article)
    const named = site.put(
      '/other',
      site.pageWith(comments('article="canonical"'), { head: `<link rel="canonical" href="${article}">` }),
    )
    await page.goto(`${named}?page=7`)
    await page.locator('.imprimatur-body', { hasText: 'by its address' }).waitFor()
    await close()
  })

  await t.test('tells what has happened, and has words and a way on where the service is away', async (t) => {
    const { page, close } = await site.visit(site.pageWith(comments('article="a" limit="3"')), {
      prepare: async (page) => {
        await page.route('**/v1/**', (route) => route.abort())
        await page.addInitScript(`globalThis.told = []
          for (const name of ['loaded', 'failed']) addEventListener('imprimatur-' + name, ({ detail }) => told.push([name, detail]))`)
      },
    })
    await page.getByText('The comments cannot be shown at the moment.').waitFor()
    t.same(await page.evaluate('told'), [['failed', { problem: null }]])
    await page.unroute('**/v1/**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await shownBodies(page, 3)
    t.same(await page.evaluate('told'), [
      ['failed', { problem: null }],
      ['loaded', { total: 6 }],
    ])
    await page.route('**/v1/**', (route) => route.abort())
    await page.getByRole('link', { name: 'More comments' }).click()
    await page.locator('[role=status]', { hasText: 'The comments cannot be shown at the moment.' }).waitFor()
    await page.evaluate(`document.querySelector('imprimatur-comments').reload()`)
    await shownBodies(page, 3)
    await page.unroute('**/v1/**')
    await page.evaluate(`document.querySelector('imprimatur-comments').reload()`)
    await page.locator('[role=status]:empty').waitFor({ state: 'attached' })
    await close()
  })

  await t.test('keeps its own style where it has one', async (t) => {
    const own = await site.visit(
      site.pageWith(comments('article="a"'), {
        head: '<link rel="stylesheet" href="/own.css" data-imprimatur="style">',
      }),
    )
    await shownBodies(own.page, 6)
    t.notMatch(own.asked.join(), '.css')
    await own.close()
  })

  await t.test(
    'speaks the language of the page, whatever the reader’s: in French as the newspaper did',
    async (t) => {
      const { page, complaints, close } = await site.visit(
        site.pageWith(comments('article="nobody-wrote-yet"'), { lang: 'fr' }),
        { locale: 'de-DE' },
      )
      await page.locator('form').waitFor()
      t.equal(await page.innerText('.imprimatur-count'), 'Commentaire 0')
      t.equal(
        await page.innerText('.imprimatur-empty'),
        "Il n'y a actuellement aucun commentaire concernant cet article. Soyez le premier à donner votre avis !",
      )
      t.same(await page.locator('.imprimatur-hint').allInnerTexts(), [
        'Tous les champs sont obligatoires.',
        'Votre email ne sera pas affiché publiquement.',
      ])
      t.same(complaints, [])
      await close()
    },
  )

  await countsOf(t, site)
  await speedOf(t, site)
})

async function countsOf(t: Test, site: Site): Promise<void> {
  const { service } = site
  const count = (article: string, more = '') =>
    `<imprimatur-count article="${article}"${more}>as it was</imprimatur-count>`
  const countPage = (body: string, lang = 'en') => site.pageWith(body, { script: 'count', lang })
  const countsAsked = (asked: string[]) => asked.filter((line) => line.includes('/v1/counts'))

  await t.test('a hundred counts are one request, one more are two, in one order', async (t) => {
    for (const many of [100, 101]) {
      const articles = Array.from({ length: many }, (_, index) => `n-${(index * 37) % many}`)
      const { page, asked, complaints, close } = await site.visit(
        countPage(articles.map((one) => count(one)).join(' ')),
      )
      await untilTrue(
        page,
        `[...document.querySelectorAll('imprimatur-count')].every((one) => one.textContent === '0 comments')`,
      )
      const lists = countsAsked(asked).map((line) =>
        new URL(line.slice(4), site.origin).searchParams.getAll('articleId'),
      )
      t.same(
        lists.map(({ length }) => length),
        many === 100 ? [100] : [100, 1],
      )
      t.same(lists.flat(), articles.toSorted())
      t.same(complaints, [])
      await close()
    }
  })

  await t.test('no count is no request', async (t) => {
    const { page, asked, complaints, close } = await site.visit(countPage('<p>Nothing to count.</p>'))
    await untilTrue(page, `customElements.get('imprimatur-count') !== undefined`)
    await twoFrames(page)
    t.same(asked, ['GET /embed/count.js'])
    t.same(complaints, [])
    await close()
  })

  await t.test(
    'a count says what its language says, as a figure where asked to, and follows its attributes',
    async (t) => {
      const html = countPage(
        `${count('a')}${count('a')}${count('b', ' lang="fr"')}${count('nothing', ' zero="Nobody yet"')}${count('a', ' number')}${count('a', ' lang="ar"')}${count('')}`,
      )
      const { page, asked, complaints, close } = await site.visit(html)
      const texts = () => page.locator('imprimatur-count').allInnerTexts()
      const ready = async (expected: string[]) =>
        until(async () => (JSON.stringify(await texts()) === JSON.stringify(expected) ? true : undefined))
      const arabic = await service.app.inject({ url: '/v1/articles/a/thread.html?lang=ar' })
      const inArabic = /imprimatur-count" id="[^"]+"[^>]*>([^<]+)</.exec(arabic.body)?.[1] ?? ''
      await ready(['6 comments', '6 comments', 'Commentaire 1', 'Nobody yet', '6', inArabic, 'as it was'])
      t.equal(countsAsked(asked).length, 1)
      await page.evaluate(`document.querySelector('imprimatur-count').setAttribute('article', 'b')`)
      await ready(['1 comment', '6 comments', 'Commentaire 1', 'Nobody yet', '6', inArabic, 'as it was'])
      await page.evaluate(`(() => {
      const element = document.createElement('imprimatur-count')
      element.setAttribute('article', 'b')
      document.querySelector('main').append(element)
    })()`)
      await ready([
        '1 comment',
        '6 comments',
        'Commentaire 1',
        'Nobody yet',
        '6',
        inArabic,
        'as it was',
        '1 comment',
      ])
      t.same(complaints, [])
      await close()
    },
  )

  await t.test('where the service is away, what stands in a count stays', async (t) => {
    const { page, complaints, close } = await site.visit(countPage(count('a')), {
      prepare: (page) =>
        page.route('**/v1/**', (route) =>
          route.fulfill({ status: 503, body: '{}', headers: { 'access-control-allow-origin': '*' } }),
        ),
    })
    await until(() => complaints[0])
    await twoFrames(page)
    t.equal(await page.innerText('imprimatur-count'), 'as it was')
    t.equal(complaints.length, 1, 'what the browser says of the answer, and no error of ours')
    await close()
  })
}

async function speedOf(t: Test, site: Site): Promise<void> {
  await t.test(
    'two hundred comments in threads of ten levels take little longer than a bare list',
    async (t) => {
      const { taskMs: ours, laidOut } = await measureRendering(site.browser, 'element')
      const { taskMs: bare, laidOut: all } = await measureRendering(site.browser, 'bare list')
      t.comment(
        `${ours.toFixed(1)} ms of the main thread, a bare list of the same texts ${bare.toFixed(1)} ms`,
      )
      t.ok(ours < 20 * bare, `${ours} ms, a bare list ${bare} ms`)
      t.equal(all, 200)
      t.ok(laidOut >= 10 && laidOut <= 50, `what is near the screen is laid out: ${laidOut} of 200`)
    },
  )
}

async function shownBodies(page: Page, many: number): Promise<void> {
  await untilTrue(page, `document.querySelectorAll('.imprimatur-body').length === ${many}`)
}

async function inSight(page: Page, selector: string): Promise<void> {
  await untilTrue(
    page,
    `(() => {
    const { top, bottom } = document.querySelector('${selector}')?.getBoundingClientRect() ?? {}
    return top >= 0 && bottom <= innerHeight
  })()`,
  )
}

const countShifts = `
  globalThis.shifted = 0
  new PerformanceObserver((list) => { for (const { value } of list.getEntries()) shifted += value })
    .observe({ type: 'layout-shift', buffered: true })`
