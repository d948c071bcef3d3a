import type { Page } from 'playwright-core'
import t from 'tap'
import { until } from '../support/until.ts'
import { startSite, twoFrames, untilTrue } from './site.ts'

t.setTimeout(600_000)

/* `<imprimatur-comments>` on a site's page, for who writes. */

const comments = (attributes: string, inside = '') =>
  `<imprimatur-comments ${attributes}>${inside}</imprimatur-comments>`

const sent = 'Thank you for your comment. It will appear once a moderator has approved it.'

t.test('a page on which readers write', async (t) => {
  const site = await startSite(t, { formLeastSeconds: 2, words: { fr: { send: 'Publier' } } })
  const { service } = site
  const moderator = await service.token('moderate')
  const ada = await service.publish('a', { body: 'first' })
  const zoe = await service.publish('a', { author: { name: 'Zoé', email: 'z@example.org' }, body: 'second' })

  /** Its clock is the test's: it has been open longer than the least time. */
  const open = async (html: string, prepare?: (page: Page) => Promise<unknown>) => {
    const visit = await site.visit(site.pageWith(html), {
      prepare: async (page) => {
        await page.addInitScript(`
          globalThis.waited = 1
          performance.now = () => waited
          globalThis.told = []
          for (const name of ['loaded', 'submit', 'submitted', 'failed'])
            addEventListener('imprimatur-' + name, ({ detail }) => told.push([name, detail]))`)
        await prepare?.(page)
      },
    })
    await visit.page.locator('form').first().waitFor()
    await visit.page.evaluate('waited = 5000')
    const posted: { key: string; body: unknown }[] = []
    visit.page.on('request', (request) => {
      if (request.method() === 'POST')
        posted.push({ key: request.headers()['idempotency-key'] ?? '', body: request.postDataJSON() })
    })
    return { ...visit, posted }
  }
  const fill = async (page: Page, body: string, email = 'bob@example.org') => {
    await page.getByLabel('Name').fill('Bob')
    await page.getByLabel('Email').fill(email)
    await page.getByLabel('Comment', { exact: true }).fill(body)
  }
  const send = (page: Page) => page.getByRole('button', { name: 'Send' }).click()
  const status = (page: Page, text: string) => page.locator('[role=status]', { hasText: text }).waitFor()
  const focused = (page: Page) =>
    page.evaluate(
      'document.activeElement.name || document.activeElement.className || document.activeElement.localName',
    )
  const waiting = async (body: string) => {
    const queue = await service.app.inject({ url: '/v1/moderation/comments?limit=100', headers: moderator })
    return queue.json().comments.filter((one: { body: string }) => one.body === body) as {
      id: string
      parentId: string | null
    }[]
  }

  await t.test(
    'by keyboard alone: reads, replies, is told what is wrong, mends it, sends, and loads more',
    async (t) => {
      const { page, complaints, close } = await open(comments('article="a" limit="1"'))
      const tabTo = (selector: string) =>
        until(async () => {
          await page.keyboard.press('Tab')
          return (await page.evaluate(`document.activeElement.matches('${selector}')`)) ? true : undefined
        })
      await tabTo('.imprimatur-more')
      await page.keyboard.press('Enter')
      await untilTrue(page, `document.activeElement.id === 'comment-${zoe.id}'`)
      await tabTo('.imprimatur-reply')
      await page.keyboard.press('Enter')
      await untilTrue(page, `document.activeElement.matches('textarea')`)
      t.equal(await page.locator('form :is(h2, h3)').innerText(), 'Reply to Zoé')
      t.equal(
        await page.locator(`li[data-id="${zoe.id}"] > form`).count(),
        1,
        'it stands below what it answers',
      )
      await page.keyboard.type('By keyboard.')
      await page.keyboard.press('Tab')
      await untilTrue(page, `document.activeElement.matches('.imprimatur-send')`)
      await page.keyboard.press('Enter')
      await untilTrue(page, `document.activeElement.name === 'name'`)
      t.match(await page.getByLabel('Name').getAttribute('aria-invalid'), 'true')
      t.match(complaints.splice(0), [/400/], 'no more than that the service refused it')
      await page.keyboard.type('Bob')
      await page.keyboard.press('Tab')
      await page.keyboard.type('bob')
      await page.keyboard.press('Enter')
      await untilTrue(
        page,
        `document.activeElement.name === 'email' && document.activeElement.matches('[aria-invalid]')`,
      )
      complaints.splice(0)
      const describes = String(await page.getByLabel('Email').getAttribute('aria-describedby')).split(' ')
      t.same(await Promise.all(describes.map((id) => page.locator(`[id="${id}"]`).innerText())), [
        'Your email will not be shown publicly.',
        'Please give an email address, such as ada@example.org.',
      ])
      t.equal(
        await page.locator('.imprimatur-error[role=alert]').innerText(),
        'Please look at what is marked, and send it again.',
      )
      await page.keyboard.press('End')
      await page.keyboard.type('@example.org')
      await page.keyboard.press('Enter')
      await untilTrue(page, `document.activeElement.matches('[role=status]')`)
      t.equal(await page.locator('[role=status]').innerText(), sent)
      t.equal(await page.locator('.imprimatur-error').count(), 0)
      t.equal(await page.getByLabel('Comment', { exact: true }).inputValue(), '')
      t.equal(await page.getByLabel('Name').inputValue(), 'Bob', 'who writes again need not say who')
      t.equal((await waiting('By keyboard.'))[0]?.parentId, zoe.id)
      t.same(await page.evaluate('told.map(([name]) => name)'), [
        'loaded',
        'submit',
        'failed',
        'submit',
        'failed',
        'submit',
        'submitted',
      ])
      t.same(complaints, [])
      await close()
    },
  )

  await t.test(
    'each field has a label that can be seen, its autocomplete, and what it is told by',
    async (t) => {
      const { page, close } = await open(comments('article="a"'))
      for (const [label, autocomplete] of [
        ['Name', 'name'],
        ['Email', 'email'],
        ['Comment', 'off'],
      ] as const) {
        const field = page.getByLabel(label, { exact: true })
        t.equal(await field.getAttribute('autocomplete'), autocomplete)
        t.equal(await field.getAttribute('aria-required'), 'true')
        t.ok(await page.locator(`label[for="${await field.getAttribute('id')}"]`).isVisible())
      }
      const hint = await page.getByLabel('Email').getAttribute('aria-describedby')
      t.equal(await page.locator(`[id="${hint}"]`).innerText(), 'Your email will not be shown publicly.')
      t.equal(await page.getByRole('form', { name: 'Leave a comment' }).count(), 1)
      t.notOk(await page.locator('[name=website]').isVisible())
      await page.getByRole('link', { name: 'Reply' }).first().click()
      await page.getByRole('form', { name: 'Reply to Ada' }).waitFor()
      await page.getByRole('link', { name: 'Do not reply' }).click()
      await page.getByRole('form', { name: 'Leave a comment' }).waitFor()
      t.equal(await focused(page), 'imprimatur-reply', 'focus goes back to where it came from')
      await close()
    },
  )

  await t.test(
    'a draft outlives a new list, a failed send and the element itself; the same again is one comment',
    async (t) => {
      const { page, posted, close } = await open(comments('article="a"'))
      await fill(page, 'A draft.')
      await page.evaluate(`document.querySelector('imprimatur-comments').reload()`)
      await untilTrue(page, `told.length === 2`)
      const draft = () => page.getByLabel('Comment', { exact: true }).inputValue()
      t.equal(await draft(), 'A draft.', 'after a reload')
      await page.route('**/comments', (route) => route.abort())
      await send(page)
      await page
        .getByText('Your comment could not be sent. What you wrote is still here: please try again.')
        .waitFor()
      t.equal(await draft(), 'A draft.', 'after it could not be sent')
      t.equal(await focused(page), 'imprimatur-send')
      await page.evaluate(`(() => {
      const element = document.querySelector('imprimatur-comments')
      element.remove()
      const other = document.createElement('imprimatur-comments')
      other.setAttribute('article', 'a')
      document.querySelector('main').append(other)
    })()`)
      await page.locator('form').waitFor()
      t.equal(await draft(), 'A draft.', 'in another element for the same article')
      // It arrives, and the answer does not.
      await page.unroute('**/comments')
      await page.route('**/comments', async (route) => {
        await route.fetch()
        await route.abort()
      })
      await page.evaluate('waited = 10000')
      await send(page)
      await page.getByText('Your comment could not be sent.').waitFor()
      await page.unroute('**/comments')
      await send(page)
      await status(page, sent)
      t.equal(new Set(posted.map(({ key }) => key)).size, 1, 'it went under one key each time')
      t.equal(posted.length, 3)
      t.equal((await waiting('A draft.')).length, 1)
      t.equal(await draft(), '')
      await close()
    },
  )

  await t.test(
    'a double click sends once, and a list that is loaded meanwhile changes nothing of it',
    async (t) => {
      const { page, posted, close } = await open(comments('article="a"'))
      await fill(page, 'Sent twice.')
      let answer = () => {}
      const held = new Promise<void>((resolve) => {
        answer = resolve
      })
      await page.route('**/comments', async (route) => {
        await held
        await route.continue()
      })
      await page.getByRole('button', { name: 'Send' }).dblclick()
      await page.getByRole('button', { name: 'Sending…' }).waitFor()
      t.equal(await page.getAttribute('form', 'aria-busy'), 'true')
      await page.evaluate(`document.querySelector('imprimatur-comments').reload()`)
      await untilTrue(page, `told.filter(([name]) => name === 'loaded').length === 2`)
      answer()
      await status(page, sent)
      await page.getByRole('button', { name: 'Send', exact: true }).waitFor()
      t.equal(posted.length, 1)
      t.equal((await waiting('Sent twice.')).length, 1)
      await close()
    },
  )

  await t.test(
    'what is sent faster than people write, or fills in what nobody sees, is not taken',
    async (t) => {
      const { page, complaints, posted, close } = await open(comments('article="a"'))
      await page.evaluate('waited = 1000')
      await fill(page, 'Too fast.')
      await send(page)
      await page.getByText('That looked like a robot').waitFor()
      await page.evaluate('waited = 60000')
      await page.evaluate(`document.querySelector('[name=website]').value = 'https://spam.example'`)
      await send(page)
      await until(() => posted[1])
      await page.getByText('That looked like a robot').waitFor()
      await page.evaluate(`document.querySelector('[name=website]').value = ''`)
      await send(page)
      await status(page, sent)
      t.match(
        posted.map(({ body }) => body),
        [{ form: { trap: '' } }, { form: { trap: 'https://spam.example' } }, { form: { trap: '' } }],
      )
      t.equal((await waiting('Too fast.')).length, 1)
      t.equal(complaints.length, 2, complaints.join())
      await close()
    },
  )

  await t.test('a site may hold a comment back', async (t) => {
    const { page, posted, close } = await open(comments('article="a"'))
    await page.evaluate(
      `addEventListener('imprimatur-submit', (event) => event.preventDefault(), { once: true })`,
    )
    await fill(page, 'Held back.')
    await send(page)
    await untilTrue(page, `told.some(([name]) => name === 'submit')`)
    await twoFrames(page)
    t.same(posted, [])
    await send(page)
    await status(page, sent)
    t.match(await page.evaluate('told.at(-1)'), ['submitted', { id: /^[0-9a-f-]{36}$/, status: 'pending' }])
    await close()
  })

  await t.test(
    'what is no longer so is said: a comment that is gone, an article that has closed',
    async (t) => {
      const gone = await service.publish('b', { body: 'going' })
      const { page, close } = await open(comments('article="b"'))
      await page.getByRole('link', { name: 'Reply' }).click()
      await fill(page, 'To nobody.')
      await service.app.inject({
        method: 'POST',
        url: `/v1/moderation/comments/${gone.id}/reject`,
        headers: moderator,
      })
      await send(page)
      await page.getByText('The comment that you reply to is no longer there.').waitFor()
      t.equal(await page.getByLabel('Comment', { exact: true }).inputValue(), 'To nobody.')
      await service.app.inject({
        method: 'PUT',
        url: '/v1/moderation/articles/b',
        headers: moderator,
        payload: { closedAt: '2020-01-01T00:00:00Z' },
      })
      await send(page)
      await page.locator('.imprimatur-closed', { hasText: 'This article takes no more comments.' }).waitFor()
      t.equal(await page.locator('form').count(), 0)
      await close()
    },
  )

  await t.test('without keep-receipts nothing is kept in the browser', async (t) => {
    const { page, close } = await open(comments('article="a"'))
    await fill(page, 'Not kept.')
    await send(page)
    await status(page, sent)
    t.equal(await page.evaluate('localStorage.length + sessionStorage.length'), 0)
    t.equal(await page.evaluate('indexedDB.databases().then((all) => all.length)'), 0)
    t.equal(await page.evaluate('document.cookie'), '')
    await close()
  })

  await t.test(
    'with keep-receipts its author sees what becomes of a comment, and can withdraw it',
    async (t) => {
      const { page, complaints, close } = await open(comments('article="a" keep-receipts'))
      await fill(page, 'Mine, the first.')
      await send(page)
      await page.getByText('Your comment waits for a moderator.').waitFor()
      await fill(page, 'Mine, the second.')
      await page.evaluate('waited = 20000')
      await send(page)
      await untilTrue(page, `document.querySelectorAll('.imprimatur-own li').length === 2`)
      const [second] = await waiting('Mine, the second.')
      const [first] = await waiting('Mine, the first.')
      await service.app.inject({
        method: 'POST',
        url: `/v1/moderation/comments/${first?.id}/reject`,
        headers: moderator,
        payload: { reason: 'Off topic.' },
      })
      await service.app.inject({
        method: 'POST',
        url: `/v1/moderation/comments/${second?.id}/approve`,
        headers: moderator,
      })
      await page.reload()
      await page.getByText('Your comment was not approved: Off topic.').waitFor()
      await page.getByText('Your comment is published.').waitFor()
      const own = page.locator('.imprimatur-own li', { hasText: 'Mine, the second.' })
      await own.getByRole('button', { name: 'Withdraw it' }).click()
      await own.getByText('Withdraw it for good?').waitFor()
      t.equal(await focused(page), 'imprimatur-keep', 'the harmless answer is the nearer one')
      await own.getByRole('button', { name: 'Keep it' }).click()
      t.equal(await focused(page), 'imprimatur-withdraw')
      await own.getByRole('button', { name: 'Withdraw it' }).click()
      await own.getByRole('button', { name: 'Withdraw it' }).click()
      await status(page, 'Your comment was withdrawn.')
      t.equal(await page.locator('.imprimatur-comment', { hasText: 'Mine, the second.' }).count(), 0)
      const list = await service.app.inject('/v1/articles/a/comments')
      t.notMatch(list.body, 'Mine, the second.')
      await page.reload()
      await page.getByText('Your comment was not approved: Off topic.').waitFor()
      t.equal(await page.locator('.imprimatur-own li').count(), 1)
      await page.route('**/v1/comments/*', (route) =>
        route.request().method() === 'DELETE' ? route.abort() : route.continue(),
      )
      await page.getByRole('button', { name: 'Withdraw it' }).click()
      await page.locator('.imprimatur-confirm').click()
      await status(page, 'Your comment could not be withdrawn. Please try again.')
      t.same(
        complaints.filter((one) => !one.includes('Failed to load resource')),
        [],
      )
      await close()
    },
  )

  await t.test('a site puts what it likes into its places', async (t) => {
    const inside = ['empty', 'closed', 'before-form', 'after-form', 'thanks']
      .map((name) => `<template data-imprimatur="${name}"><p>our ${name}</p></template>`)
      .join('')
    const { page, complaints, close } = await open(comments('article="new"', inside))
    t.same(await page.locator('imprimatur-comments p:text("our")').allInnerTexts(), [
      'our empty',
      'our before-form',
      'our after-form',
    ])
    await fill(page, 'Thanked for.')
    await send(page)
    await status(page, 'our thanks')
    t.equal(await page.locator('[role=status]').innerText(), 'our thanks')
    await page.evaluate(`document.querySelector('imprimatur-comments').setAttribute('article', 'b')`)
    await page.getByText('our closed').waitFor()
    t.same(complaints, [])
    await close()
  })

  await t.test('a site’s own words come before ours, from its page or from the service', async (t) => {
    const words = { en: { send: 'Publish', comments: { one: '{n} letter', other: '{n} letters' } } }
    const block = `<script type="application/json" data-imprimatur="words">${JSON.stringify(words)}</script>`
    const count = `<script type="module" src="${service.origin}/embed/count.js"></script><imprimatur-count article="a"></imprimatur-count>`
    const { page, close } = await open(block + comments('article="a"') + count)
    await page.getByRole('button', { name: 'Publish' }).waitFor()
    t.match(await page.innerText('h2.imprimatur-count'), /letters$/)
    await untilTrue(page, `document.querySelector('imprimatur-count').textContent.endsWith(' letters')`)
    const fragment = (await service.call({ url: '/v1/articles/a/thread.html?lang=fr' })).body
    await close()
    const french = await open(comments('article="a" lang="fr"', fragment))
    await untilTrue(french.page, `told.length > 0`)
    t.equal(await french.page.innerText('.imprimatur-send'), 'Publier', 'it came with the fragment')
    await french.close()
  })

  await t.test('from markup of the server’s a reply and a comment are sent as from its own', async (t) => {
    const fragment = (await service.call({ url: '/v1/articles/a/thread.html' })).body
    const { page, complaints, asked, close } = await open(comments('article="a"', fragment))
    await untilTrue(page, `told.length > 0`)
    await page.locator(`#comment-${ada.id} .imprimatur-reply`).click()
    await fill(page, 'From a fragment.')
    await send(page)
    await status(page, sent)
    t.equal((await waiting('From a fragment.'))[0]?.parentId, ada.id)
    t.notMatch(asked.join(), /GET \/v1/)
    t.same(complaints, [])
    await close()
  })
})
