import axe from 'axe-core'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { until } from '../support/until.ts'
import { comesBack, type DeskSite, focusOf, saidOn, signIn, startDesk, untilSaid } from './desk-site.ts'
import { twoFrames, untilTrue } from './site.ts'

t.setTimeout(900_000)

/* The moderators' page in a real browser, over the real service: one service and one browser for all of it. */

t.test('the desk', async (t) => {
  const desk = await startDesk(t)
  const submit = (body: string, articleId = 'a') => desk.service.submit(articleId, { body })
  const statusOf = async (id: string): Promise<string> =>
    (await desk.as('auditor', 'GET', `comments/${id}`)).body.status
  const untilStatus = (id: string, status: string) =>
    until(async () => ((await statusOf(id)) === status ? true : undefined))
  /** So that each test begins with an empty queue, and with nobody who takes of it: a page that a failed test left open would. */
  const clear = async () => {
    for (const context of desk.browser.contexts()) await context.close()
    for (;;) {
      const { body } = await desk.as('auditor', 'GET', 'comments?limit=100')
      if (body.comments.length === 0) return
      const decisions = body.comments.map(({ id }: { id: string }) => ({ commentId: id, verdict: 'reject' }))
      await desk.as('auditor', 'POST', 'decisions', { decisions })
    }
  }
  const card = (page: Page, id: string) => page.locator(`.card[data-id="${id}"]`)
  const press = async (page: Page, ...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  const focused = (page: Page, id: string) => card(page, id).and(page.locator(':focus')).waitFor()

  /** The page has heard of all that it has sent. */
  const settled = (page: Page) =>
    until(async () => ((await page.locator('[data-mark=sending]').count()) === 0 ? true : undefined))

  await t.test('takes a token, and says why it does not', async (t) => {
    const { id } = await submit('Signed in?')
    const { page, close } = await desk.visit()
    t.equal(await page.evaluate('document.activeElement.id'), 'token', 'where it is pasted')
    await signIn(page, 'imt_nobody')
    await page.locator('.fault', { hasText: /wrong, has expired or was revoked/ }).waitFor()
    await signIn(page, await desk.secretOf('a site', 'submit'))
    await page.locator('.fault', { hasText: /does not allow moderating/ }).waitFor()
    await signIn(page, 'ключ')
    await page.locator('.fault', { hasText: /wrong, has expired or was revoked/ }).waitFor()
    await signIn(page, await desk.secretOf('marie'))
    await focused(page, id)
    t.equal(await page.evaluate('document.cookie + sessionStorage.length + localStorage.length'), '00')
    await page.reload()
    await page.locator('#token').waitFor()
    await page.getByLabel('Keep it for this tab').check()
    await signIn(page, await desk.secretOf('marie'))
    await page.reload()
    await focused(page, id)
    t.same(
      await page.evaluate('[sessionStorage.length, localStorage.length]'),
      [1, 0],
      'where it was asked for',
    )
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.locator('#token').waitFor()
    t.same(await page.evaluate('sessionStorage.length'), 0)
    await close()
  })

  await t.test('shows what was written as text, with who, when, and where', async (t) => {
    await clear()
    const { id } = await desk.service.submit('why-we-print', {
      author: { name: '<b>Ada</b>', email: 'ada@example.org' },
      body: 'First line.\n\n<img src=x onerror=alert(1)> last.',
    })
    const { page, close } = await desk.open('marie')
    const one = card(page, id)
    t.equal(await one.locator('.body').innerText(), 'First line.\n\n<img src=x onerror=alert(1)> last.')
    t.equal(await one.locator('h3').innerText(), '<b>Ada</b>')
    t.equal(await one.locator('.address').innerText(), 'ada@example.org')
    t.match(await one.locator('time').getAttribute('title'), /\d{4}.*:\d\d/)
    t.match(await one.locator('time').getAttribute('datetime'), /^\d{4}-\d\d-\d\dT.*Z$/)
    t.match(await one.locator('.about').innerText(), /^On why-we-print/)
    t.ok(await page.getByRole('article', { name: '<b>Ada</b>' }).isVisible())
    await close()
  })

  await t.test('fifty decisions by keys alone, and the focus is never lost', async (t) => {
    await clear()
    const ids: string[] = []
    for (let index = 0; index < 50; index += 1) ids.push((await submit(`Number ${index}`)).id)
    const { page, close } = await desk.open('marie')
    const lost: string[] = []
    await page.evaluate(`document.addEventListener('focusout', () => setTimeout(() => setTimeout(() => {
      if (document.activeElement === document.body) document.body.dataset.lost = 'yes'
    })))`)
    for (const [index, id] of ids.entries()) {
      await focused(page, id)
      if (index % 3 === 0) await press(page, 'a')
      else if (index % 3 === 1) await press(page, 'r', 'Enter')
      else await press(page, 'c', 'c', 'x', 'x', 'a')
      if (/body|nothing/.test(await focusOf(page))) lost.push(id)
    }
    for (const [index, id] of ids.entries()) await untilStatus(id, index % 3 === 1 ? 'rejected' : 'approved')
    t.same(lost, [])
    t.notOk(await page.evaluate('document.body.dataset.lost'))
    const { body } = await desk.as('marie', 'GET', 'decisions?decidedBy=me&order=newest&limit=100')
    t.equal(
      body.decisions.filter(({ commentId }: { commentId: string }) => ids.includes(commentId)).length,
      50,
    )
    await close()
  })

  await t.test('the next card stands where the one before stood', async (t) => {
    await clear()
    const ids: string[] = []
    for (let index = 0; index < 12; index += 1)
      ids.push((await submit(`${'A line.\n'.repeat((index * 5) % 9)}Number ${index}`)).id)
    const { page, close } = await desk.open('marie')
    const topOf = async (id: string) => (await card(page, id).boundingBox())?.y ?? NaN
    for (const index of [0, 1, 2, 3, 4, 5, 6]) {
      const before = await topOf(ids[index] ?? '')
      await press(page, 'a')
      await focused(page, ids[index + 1] ?? '')
      await twoFrames(page)
      t.ok(Math.abs((await topOf(ids[index + 1] ?? '')) - before) <= 2, `after number ${index}`)
      await untilStatus(ids[index] ?? '', 'approved')
      await twoFrames(page)
      t.ok(Math.abs((await topOf(ids[index + 1] ?? '')) - before) <= 2, `once number ${index} is answered`)
    }
    await close()
  })

  await t.test(
    'two at one comment: one wins, the other is told who, and may decide all the same',
    async (t) => {
      await clear()
      const { id } = await submit('Who is first?')
      const later = await submit('The next one.')
      const marie = await desk.open('marie', { path: '/desk' })
      const zoe = await desk.open('zoe', { hasCards: false })
      await press(zoe.page, 'g', 'p')
      await card(zoe.page, id).waitFor()
      await focused(zoe.page, id)
      await press(marie.page, 'r', 'Enter')
      await untilStatus(id, 'rejected')
      await press(zoe.page, 'a')
      const mark = card(zoe.page, id).locator('.mark.refused')
      await mark.waitFor()
      t.match(await mark.innerText(), /^Not approved\.\s+marie rejected it/)
      t.match(await saidOn(zoe.page), /Not approved\. marie rejected it/)
      t.equal(await statusOf(id), 'rejected', 'nobody was overruled unseen')
      await focused(zoe.page, later.id)
      await desk.as('auditor', 'POST', `comments/${id}/approve`)
      await comesBack(zoe.page)
      await card(zoe.page, id).getByText('auditor approved it').waitFor()
      t.match(await mark.innerText(), /^Not approved\.\s+auditor approved it/, 'still refused')
      t.equal(await card(zoe.page, id).getByRole('button', { name: 'Approve anyway' }).count(), 0)
      await desk.as('noor', 'POST', `comments/${id}/reject`)
      await comesBack(zoe.page)
      await card(zoe.page, id).getByText('noor rejected it').waitFor()
      await card(zoe.page, id).getByRole('button', { name: 'Approve anyway' }).click()
      await untilStatus(id, 'approved')
      const { body } = await desk.as('auditor', 'GET', `comments/${id}`)
      t.same(
        body.decisions.map(({ action, decidedBy }: Record<string, string>) => `${decidedBy} ${action}`),
        ['marie reject', 'auditor approve', 'noor reject', 'zoe approve'],
      )
      await marie.close()
      await zoe.close()
    },
  )

  await t.test(
    'a colleague’s decision greys the card in place, with the name, and keys pass it by',
    async (t) => {
      await clear()
      const ids: string[] = []
      for (let index = 0; index < 3; index += 1) ids.push((await submit(`Number ${index}`)).id)
      const [first = '', second = '', third = ''] = ids
      const { page, close } = await desk.open('marie')
      await focused(page, first)
      await desk.as('zoe', 'POST', `comments/${second}/reject`, { reason: 'Off the subject.' })
      const mark = card(page, second).locator('.mark')
      await mark.waitFor()
      t.match(await mark.innerText(), /zoe rejected it.*Off the subject\./s)
      t.equal(await focusOf(page), first, 'the focus stays')
      t.notOk(
        await card(page, second)
          .getByRole('button', { name: /^Approve/ })
          .isVisible(),
      )
      await press(page, 'j')
      await focused(page, third)
      await press(page, 'k')
      await focused(page, first)
      await card(page, second).getByRole('button', { name: 'Decide anyway' }).click()
      await focused(page, second)
      await press(page, 'a')
      await untilStatus(second, 'approved')
      // One that is being decided about is taken out of the hand, and not overruled by it.
      await focused(page, third)
      await press(page, 'r')
      await card(page, third).locator('.panel').waitFor()
      await card(page, third).getByLabel('in your words').fill('Begun, and kept.')
      // Who goes on typing where the field was moves nothing, and decides nothing.
      await page.evaluate(`{
        const panel = document.querySelector('.panel')
        new MutationObserver((_, observer) => {
          if (panel.isConnected) return
          observer.disconnect()
          const letter = new KeyboardEvent('keydown', { key: 'k', code: 'KeyK', bubbles: true, cancelable: true })
          document.activeElement.dispatchEvent(letter)
          document.body.dataset.typed = 'k'
        }).observe(document.body, { childList: true, subtree: true })
      }`)
      await desk.as('zoe', 'POST', `comments/${third}/approve`)
      await comesBack(page)
      await card(page, third).locator('.mark').waitFor()
      t.equal(await card(page, third).locator('.panel').count(), 0)
      t.equal(await page.evaluate('document.body.dataset.typed'), 'k')
      t.equal(await focusOf(page), third)
      await untilSaid(page, 'zoe approved it')
      // Once the hands have rested, letters are commands again.
      await page.waitForTimeout(1_100)
      await press(page, 'k')
      await focused(page, first)
      await card(page, third).getByRole('button', { name: 'Decide anyway' }).click()
      await press(page, 'r')
      t.equal(await card(page, third).getByLabel('in your words').inputValue(), 'Begun, and kept.')
      await close()
    },
  )

  await t.test('undo leads back, one by one and together, and to what was before', async () => {
    await clear()
    const ids: string[] = []
    for (let index = 0; index < 4; index += 1) ids.push((await submit(`Number ${index}`)).id)
    const [first = '', second = '', third = '', fourth = ''] = ids
    const { page, close } = await desk.open('marie')
    await focused(page, first)
    await press(page, 'a')
    await untilSaid(page, 'Approved, u undoes')
    await press(page, 'r', 'Enter')
    await untilSaid(page, 'Rejected, u undoes')
    await focused(page, third)
    await press(page, 'u')
    await focused(page, second)
    await untilSaid(page, 'Undone')
    await untilStatus(second, 'pending')
    await settled(page)
    await press(page, 'u')
    await focused(page, first)
    await untilStatus(first, 'pending')
    await settled(page)
    await press(page, 'u')
    await untilSaid(page, 'There is nothing to undo.')

    await press(page, 'x', 'j', 'x', 'j', 'x', 'Shift+A')
    for (const id of [first, second, third]) await untilStatus(id, 'approved')
    await focused(page, fourth)
    await untilSaid(page, '3 comments: Approved, u undoes')
    await press(page, 'u')
    for (const id of [first, second, third]) await untilStatus(id, 'pending')
    await settled(page)

    await desk.as('auditor', 'POST', `comments/${first}/approve`)
    await press(page, 'g', 'a')
    await card(page, first).waitFor()
    await card(page, first).focus()
    await press(page, 'r', 'Enter')
    await untilStatus(first, 'rejected')
    await press(page, 'u')
    await untilStatus(first, 'approved')
    await settled(page)
    await focused(page, first)
    await press(page, 'o')
    await untilStatus(first, 'pending')
    await settled(page)
    await untilSaid(page, 'Back in the queue, u undoes')
    await press(page, 'u')
    await untilStatus(first, 'approved')
    await settled(page)
    await close()
  })

  await t.test('an undo undoes nobody else’s decision', async (t) => {
    await clear()
    const { id } = await submit('Mine, then hers.')
    const { page, close } = await desk.open('marie')
    await press(page, 'a')
    await untilStatus(id, 'approved')
    await settled(page)
    await desk.as('zoe', 'POST', `comments/${id}/reject`)
    await press(page, 'u')
    const mark = card(page, id).locator('.mark')
    await mark.waitFor()
    await until(async () => (/zoe rejected it/.test(await mark.innerText()) ? true : undefined))
    t.equal(await statusOf(id), 'rejected')
    await close()
  })

  await t.test('an undo that rejects again tells the author what they were told', async (t) => {
    await clear()
    const ids: string[] = []
    for (let index = 0; index < 3; index += 1) ids.push((await submit(`Number ${index}`)).id)
    const { reasons } = (await desk.as('marie', 'GET', 'reasons')).body
    const words = { reason: 'Not about the article, again.', reasonCode: reasons[0].code }
    for (const id of ids) await desk.as('zoe', 'POST', `comments/${id}/reject`, words)
    const { page, close } = await desk.open('marie', { hasCards: false })
    // Nobody looks at what any of them was told.
    let isLooking = true
    await page.route('**/v1/moderation/comments/*', (route) => (isLooking ? route.abort() : route.continue()))
    await press(page, 'g', 'r')
    for (const id of ids) await card(page, id).getByRole('checkbox').check()
    await press(page, 'Shift+A')
    for (const id of ids) await untilStatus(id, 'approved')
    await settled(page)
    await press(page, 'u')
    await until(async () => (await page.getByText('Not sent yet: reject.').count()) === 3 || undefined)
    t.equal(await statusOf(ids[0] ?? ''), 'approved', 'it waits until that is known')
    isLooking = false
    for (const id of ids) {
      await untilStatus(id, 'rejected')
      const { decisions } = (await desk.as('auditor', 'GET', `comments/${id}`)).body
      t.match(decisions.at(-1), { ...words, decidedBy: 'marie' })
    }
    await settled(page)
    await close()
  })

  await t.test('offline, decisions wait on their cards, and are sent when the line is back', async (t) => {
    await clear()
    const ids: string[] = []
    for (let index = 0; index < 3; index += 1) ids.push((await submit(`Number ${index}`)).id)
    const [first = '', second = '', third = ''] = ids
    const { page, close } = await desk.open('marie')
    await focused(page, first)
    await page.context().setOffline(true)
    await press(page, 'a')
    await focused(page, second)
    await card(page, first).getByText('Not sent yet: approve.').waitFor()
    await press(page, 'r', 'Enter')
    await card(page, second).getByText('Not sent yet: reject.').waitFor()
    await untilSaid(page, 'No connection: 2 decisions wait to be sent.')
    await press(page, 'a', 'u')
    await focused(page, third)
    t.equal(await card(page, third).locator('.mark').count(), 0, 'what was not sent is taken back')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await untilSaid(page, '2 decisions not sent yet: wait, or undo.')
    const asked = page.waitForEvent('dialog')
    void page.close({ runBeforeUnload: true })
    const dialog = await asked
    t.equal(dialog.type(), 'beforeunload')
    await dialog.dismiss()
    t.same(await Promise.all(ids.map(statusOf)), ['pending', 'pending', 'pending'])
    await page.context().setOffline(false)
    await untilStatus(first, 'approved')
    await untilStatus(second, 'rejected')
    t.equal(await statusOf(third), 'pending')
    await until(async () => ((await page.getByText('Not sent yet').count()) === 0 ? true : undefined))
    await close()
  })

  await t.test('a service that answers 503 is asked again', async (t) => {
    await clear()
    const { id } = await submit('In a while.')
    const { page, close } = await desk.open('marie')
    let refused = 0
    await page.route('**/v1/moderation/decisions', (route) => {
      if (route.request().method() !== 'POST' || refused === 2) return route.fallback()
      refused += 1
      return route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"type":"x"}' })
    })
    await press(page, 'a')
    await untilStatus(id, 'approved')
    t.equal(refused, 2)
    await close()
  })

  await t.test('what is undone is one’s own again, and nobody else is given it', async (t) => {
    await clear()
    const { id } = await submit('Taken back.')
    const { page, close } = await desk.open('marie')
    await focused(page, id)
    await press(page, 'a')
    await untilStatus(id, 'approved')
    await settled(page)
    await press(page, 'u')
    await untilStatus(id, 'pending')
    await until(async () =>
      (await desk.as('auditor', 'GET', `comments/${id}`)).body.claim?.by === 'marie' ? true : undefined,
    )
    t.same((await desk.as('jean', 'POST', 'claims', {})).body.comments, [])
    await press(page, 'o')
    await untilSaid(page, 'It waits already.')
    await close()
  })

  await t.test('a refused decision leaves nothing to undo', async (t) => {
    await clear()
    const { id } = await submit('Two at once.')
    const { page, close } = await desk.open('marie')
    await focused(page, id)
    // The page hears of it by its answer alone.
    await page.route('**/v1/moderation/decisions?**', (route) => route.abort())
    t.equal((await desk.as('jean', 'POST', `comments/${id}/reject`, {})).status, 200)
    await press(page, 'a')
    await untilSaid(page, /^Not approved/)
    t.equal(await page.locator('[data-do=undo]').getAttribute('aria-disabled'), 'true')
    await press(page, 'u')
    await untilSaid(page, 'There is nothing to undo.')
    t.equal(await statusOf(id), 'rejected')
    await close()
  })

  await t.test('on a small screen what stands around gives way to what is asked', async (t) => {
    await clear()
    const { id } = await submit('A long text. '.repeat(80))
    const { page, close } = await desk.open('marie', { viewport: { width: 390, height: 740 } })
    await focused(page, id)
    await press(page, 'c')
    await page.locator('.context').filter({ visible: true }).first().waitFor()
    await press(page, 'r')
    const title = page.locator('.panel-title')
    await title.waitFor()
    t.ok(
      await page.evaluate(`(() => {
        const one = document.querySelector('.panel-title')
        const { left, top } = one.getBoundingClientRect()
        return one.contains(document.elementFromPoint(left + 4, top + 4))
      })()`),
      'nothing stands over it',
    )
    await close()
  })

  await t.test('what is being written when a token ends is there when its owner is back', async (t) => {
    await clear()
    for (const body of ['Of two.', 'The second.']) await submit(body)
    await desk.service.publish('a', { body: 'Published already.' })
    for (const [name, list] of [
      ['dora', null],
      ['elsa', 'a'],
    ] as const) {
      const { page, close } = await desk.open(name, { hasCards: list === null })
      if (list !== null) await press(page, 'g', list)
      await page.locator('.card:focus').waitFor()
      const id = await focusOf(page)
      await press(page, 'n')
      await page.locator('textarea[name=note]').fill('Seen before, elsewhere.')
      await desk.service.store.revokeToken(name, Date.now())
      await press(page, 'Control+Enter')
      await page.locator('.fault', { hasText: /What you were writing waits here/ }).waitFor()
      await signIn(page, await desk.newSecretOf(name))
      const field = card(page, id).locator('textarea[name=note]')
      await page.locator('[data-do=take]').waitFor()
      t.equal(await field.inputValue(), 'Seen before, elsewhere.')
      await field.focus()
      await press(page, 'Control+Enter')
      await untilSaid(page, 'Noted')
      const { body } = await desk.as('auditor', 'GET', `comments/${id}`)
      t.match(body.decisions.at(-1), { action: 'note', note: 'Seen before, elsewhere.' })
      await close()
    }
  })

  await t.test('what waits when a token is revoked is sent with that moderator’s next', async (t) => {
    await clear()
    const { id } = await submit('With the next token.')
    const { page, close } = await desk.open('carla')
    await desk.service.store.revokeToken('carla', Date.now())
    await press(page, 'a')
    await page
      .locator('.fault', {
        hasText:
          /does not take this token.* 1 decision by carla is not sent yet: only once carla signs in here again\./,
      })
      .waitFor()
    let wasSent = false
    await page.route('**/v1/moderation/decisions', (route) => {
      wasSent ||= route.request().method() === 'POST'
      return route.request().method() === 'POST' ? route.abort() : route.fallback()
    })
    await signIn(page, await desk.newSecretOf('carla'))
    await card(page, id).getByText('Not sent yet: approve.').waitFor()
    t.ok(wasSent, 'in sight, and tried again')
    await page.unroute('**/v1/moderation/decisions')
    await untilStatus(id, 'approved')
    await settled(page)
    await press(page, 'u')
    await untilStatus(id, 'pending')
    await close()
  })

  await t.test('what one moderator left unsent is made in nobody else’s name', async (t) => {
    await clear()
    const { id } = await submit('Carla’s to approve.')
    const other = await submit('Anybody’s.')
    const { page, close } = await desk.open('carla')
    await focused(page, id)
    await desk.service.store.revokeToken('carla', Date.now())
    await press(page, 'a')
    await page.locator('#token').waitFor()
    await signIn(page, await desk.secretOf('marie'))
    await untilSaid(page, '1 decision by carla is not sent yet: only once carla signs in here again.')
    await press(page, 'g', 'p')
    await card(page, id).waitFor()
    t.equal(await card(page, id).locator('.mark').count(), 0, 'to marie it waits as it did')
    await press(page, 'u')
    await untilSaid(page, 'There is nothing to undo.')
    await card(page, other.id).focus()
    await press(page, 'a')
    await untilStatus(other.id, 'approved')
    await settled(page)
    t.match((await desk.as('auditor', 'GET', `comments/${id}`)).body, { status: 'pending', decisions: [] })
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.locator('.fault', { hasText: /^1 decision by carla is not sent yet/ }).waitFor()
    await signIn(page, await desk.newSecretOf('carla'))
    await untilStatus(id, 'approved')
    const { decisions } = (await desk.as('auditor', 'GET', `comments/${id}`)).body
    t.same(
      decisions.map(({ decidedBy }: { decidedBy: string }) => decidedBy),
      ['carla'],
    )
    await settled(page)
    await close()
  })

  await t.test(
    'keys write in fields, pass with modifiers, and are off by one switch that is remembered',
    async (t) => {
      await clear()
      const { id } = await submit('Not by accident.')
      const { page, close } = await desk.open('marie')
      await press(page, '/')
      t.equal(await page.evaluate('document.activeElement.name'), 'q')
      await press(page, 'a', 'r', 'u')
      t.equal(await page.locator('[name=q]').inputValue(), 'aru')
      await press(page, 'Escape')
      await focused(page, id)
      for (const modifier of ['Control', 'Alt', 'Meta']) await press(page, `${modifier}+a`)
      await press(page, 'n')
      await page.locator('.panel textarea').waitFor()
      await press(page, 'a', 'z')
      t.equal(await page.locator('.panel textarea').inputValue(), 'az')
      await press(page, 'Escape')
      await focused(page, id)
      await press(page, '?')
      await page.getByRole('dialog', { name: 'Keys' }).waitFor()
      await press(page, 'a', 'Escape')
      await focused(page, id)
      await page.getByLabel('Single keys').uncheck()
      await card(page, id).focus()
      await press(page, 'a', 'r', 's', '?')
      t.equal(await page.locator('.panel, dialog, .mark').count(), 0)
      await page.reload()
      await signIn(page, await desk.secretOf('marie'))
      await focused(page, id)
      t.notOk(await page.getByLabel('Single keys').isChecked())
      await press(page, 'a')
      t.equal(await statusOf(id), 'pending')
      await card(page, id).getByRole('button', { name: 'Approve' }).click()
      await untilStatus(id, 'approved')
      await page.getByLabel('Single keys').check()
      await close()
    },
  )

  await t.test('letters go by what is on the key, digits by where it is', async () => {
    await clear()
    const first = await submit('On an AZERTY keyboard.')
    const second = await submit('On a Greek one.')
    const { page, close } = await desk.open('marie')
    await focused(page, first.id)
    const dispatch = (init: object) =>
      page.evaluate(
        `document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...${JSON.stringify(init)} }))`,
      )
    // The key where others have Q says a.
    await dispatch({ key: 'a', code: 'KeyQ' })
    await untilStatus(first.id, 'approved')
    await focused(page, second.id)
    // Held down, it decides nothing further.
    await dispatch({ key: 'a', code: 'KeyQ', repeat: true })
    await dispatch({ key: 'α', code: 'KeyA' })
    await untilStatus(second.id, 'approved')
    await close()
  })

  await t.test(
    'a note and an erasure ask for their text, and the text stays where it could not be sent',
    async (t) => {
      await clear()
      const { id } = await submit('My number is 079 000 00 00.')
      const { page, close } = await desk.open('marie')
      await press(page, 'n')
      await page.locator('.panel textarea').fill('Asked to be forgotten.')
      await page.context().setOffline(true)
      await press(page, 'Control+Enter')
      await untilSaid(page, 'It did not work. What you wrote is still there.')
      t.equal(await page.locator('.panel textarea').inputValue(), 'Asked to be forgotten.')
      await page.context().setOffline(false)
      await until(async () => ((await page.evaluate('navigator.onLine')) === true ? true : undefined))
      await press(page, 'Control+Enter')
      await untilSaid(page, 'Noted')
      await focused(page, id)
      t.match(await card(page, id).locator('.log').innerText(), /marie noted.*Asked to be forgotten\./s)
      await card(page, id).getByRole('button', { name: 'Erase…' }).click()
      await page.keyboard.type('A telephone number.')
      await press(page, 'Enter')
      await untilStatus(id, 'withdrawn')
      await card(page, id).getByText('The text was erased.').waitFor()
      t.notMatch(await card(page, id).innerText(), /079 000|ada@/)
      t.notMatch(await focusOf(page), /body/)
      await close()
    },
  )

  await t.test('beyond twenty the number is written back; up to it nobody is asked', async (t) => {
    await clear()
    const ids: string[] = []
    for (let index = 0; index < 21; index += 1) ids.push((await submit(`Number ${index}`)).id)
    const { page, close } = await desk.open('marie')
    await press(page, 'g', 'p')
    await card(page, ids[0] ?? '').waitFor()
    await page.getByRole('button', { name: 'Load more' }).click()
    await card(page, ids[20] ?? '').waitFor()
    await page.getByRole('button', { name: 'Select all shown' }).click()
    await page.getByText('21 selected').waitFor()
    await card(page, ids[0] ?? '').focus()
    await press(page, 'Shift+A')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    await page.keyboard.type('20')
    await press(page, 'Enter')
    t.ok(await dialog.isVisible(), 'another number is none')
    t.equal(await statusOf(ids[0] ?? ''), 'pending')
    await page.keyboard.type('21')
    await press(page, 'Enter')
    for (const id of ids) await untilStatus(id, 'approved')
    t.equal(await dialog.count(), 0)
    t.notMatch(await focusOf(page), /body/)
    await close()
  })

  await t.test('what a colleague decides while the number is written back is left as it is', async (t) => {
    await clear()
    const ids: string[] = []
    for (let index = 0; index < 22; index += 1) ids.push((await submit(`Number ${index}`)).id)
    const [first = '', second = ''] = ids
    const { page, close } = await desk.open('marie')
    await press(page, 'g', 'p')
    await card(page, first).waitFor()
    await page.getByRole('button', { name: 'Load more' }).click()
    await card(page, ids[21] ?? '').waitFor()
    await page.getByRole('button', { name: 'Select all shown' }).click()
    await page.getByText('22 selected').waitFor()
    await card(page, second).focus()
    await press(page, 'Shift+A')
    await page.getByRole('dialog').waitFor()
    await desk.as('zoe', 'POST', `comments/${first}/reject`)
    await comesBack(page)
    await card(page, first).getByText('zoe rejected it').waitFor()
    await page.keyboard.type('22')
    await press(page, 'Enter')
    for (const id of ids.slice(1)) await untilStatus(id, 'approved')
    await settled(page)
    t.match((await desk.as('auditor', 'GET', `comments/${first}`)).body, { status: 'rejected', version: 2 })
    await card(page, first).getByText('zoe rejected it').waitFor()
    t.notMatch(await focusOf(page), /body/)
    await close()
  })

  await t.test('one at a time, and nothing else is on the page', async (t) => {
    await clear()
    for (let index = 0; index < 3; index += 1) await submit(`Number ${index}`)
    const { page, close } = await desk.open('marie')
    await press(page, 'z')
    t.equal(await page.locator('.card:visible').count(), 1)
    await press(page, 'j')
    t.match(await page.locator('.card:visible').innerText(), /Number 1/)
    await press(page, 'z')
    t.equal(await page.locator('.card:visible').count(), 3)
    await close()
  })

  await t.test('speaks French, to who asks for it and to who chooses it', async (t) => {
    await clear()
    const { id } = await submit('En français ?')
    const asked = await desk.open('marie', { locale: 'fr-CH' })
    t.equal(await asked.page.locator('h1').innerText(), 'Bureau de modération')
    t.equal(await asked.page.evaluate('document.documentElement.lang'), 'fr')
    t.ok(await card(asked.page, id).getByRole('button', { name: 'Approuver' }).isVisible())
    await press(asked.page, 'x')
    const many = asked.page.locator('[data-do=approve-selected]')
    t.equal(await many.locator('kbd').innerText(), 'Maj+A', 'as the key is called')
    t.equal(await many.getAttribute('aria-keyshortcuts'), 'Shift+A')
    await asked.close()
    const named = await desk.open('marie', { path: '/desk?lang=fr' })
    t.equal(await named.page.locator('h1').innerText(), 'Bureau de modération')
    await named.close()
    const { page, close } = await desk.open('marie')
    t.equal(await page.evaluate('document.documentElement.lang'), 'en')
    await press(page, 'r')
    await card(page, id).getByLabel('in your words').fill('Gardé.')
    await page.getByLabel('Language').selectOption('fr')
    t.equal(await page.evaluate('document.documentElement.lang'), 'fr')
    t.equal(await card(page, id).getByLabel('avec vos mots').inputValue(), 'Gardé.')
    t.notMatch(await focusOf(page), /body/)
    await page.reload()
    t.equal(await page.locator('h1').innerText(), 'Bureau de modération', 'remembered')
    await close()
  })

  await t.test(
    'opens on what nobody else has, takes the next ones where five are left, and lets go',
    async (t) => {
      await clear()
      const ids: string[] = []
      for (let index = 0; index < 45; index += 1) ids.push((await submit(`Number ${index}`)).id)
      const idsOn = (page: Page): Promise<string[]> =>
        page.evaluate(`[...document.querySelectorAll('.card')].map((card) => card.dataset.id)`)
      const heldBy = async (name: string) => (await desk.as(name, 'GET', 'claims')).body.comments.length
      const marie = await desk.open('marie')
      await focused(marie.page, ids[0] ?? '')
      t.same(await idsOn(marie.page), ids.slice(0, 20), 'the oldest')
      t.match(
        await card(marie.page, ids[0] ?? '')
          .locator('.claim')
          .innerText(),
        /^Yours until /,
      )
      const zoe = await desk.open('zoe')
      t.same(await idsOn(zoe.page), ids.slice(20, 40), 'none of hers')
      await press(zoe.page, 'g', 'p')
      await card(zoe.page, ids[0] ?? '').waitFor()
      t.match(
        await card(zoe.page, ids[0] ?? '')
          .locator('.claim')
          .innerText(),
        /^marie has it until /,
      )
      for (let index = 0; index < 15; index += 1) await press(marie.page, 'a')
      await card(marie.page, ids[44] ?? '').waitFor()
      t.same((await idsOn(marie.page)).slice(-5), ids.slice(40))
      await until(async () => ((await heldBy('marie')) === 10 ? true : undefined))

      const renewed = marie.page.waitForRequest((request) => request.method() === 'PATCH')
      await press(marie.page, 's')
      await marie.page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
      const { commentIds } = (await renewed).postDataJSON()
      t.same(commentIds, [...ids.slice(16, 20), ...ids.slice(40)], 'what was skipped is not kept')
      await marie.page.goto('about:blank')
      // What was skipped ends by itself.
      await until(async () => ((await heldBy('marie')) === 1 ? true : undefined))
      await marie.close()
      await zoe.close()
    },
  )

  await t.test('a digit is a reason, which can be edited first', async (t) => {
    await clear()
    const ids: string[] = []
    for (let index = 0; index < 4; index += 1) ids.push((await submit(`Number ${index}`)).id)
    const [first = '', second = '', third = '', fourth = ''] = ids
    const { reasons } = (await desk.as('marie', 'GET', 'reasons')).body
    const lastOf = async (id: string) =>
      (await desk.as('auditor', 'GET', `comments/${id}`)).body.decisions.at(-1)
    const { page, close } = await desk.open('marie')
    await focused(page, first)
    await press(page, 'r', '2')
    await untilStatus(first, 'rejected')
    t.match(await lastOf(first), { reasonCode: reasons[1].code, reason: null })
    await press(page, 'r', 'e', '1')
    const field = card(page, second).getByLabel('in your words')
    t.equal(await field.inputValue(), reasons[0].texts.en)
    await page.keyboard.type(' Please.')
    await press(page, 'Enter')
    await untilStatus(second, 'rejected')
    t.match(await lastOf(second), { reasonCode: reasons[0].code, reason: `${reasons[0].texts.en} Please.` })
    await press(page, 'r', 'Escape')
    await focused(page, third)
    t.equal(await statusOf(third), 'pending')
    // Where digits are written with Shift, the key alone says something else.
    await press(page, 'r')
    await page.evaluate(
      `document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, key: 'é', code: 'Digit2' }))`,
    )
    await untilStatus(third, 'rejected')
    t.match(await lastOf(third), { reasonCode: reasons[1].code })
    await focused(page, fourth)
    await press(page, 'x', 'Shift+R', '3')
    await untilStatus(fourth, 'rejected')
    t.match(await lastOf(fourth), { reasonCode: reasons[2].code })
    await close()
  })

  await t.test('reasons that come late take nothing away of what is being written', async (t) => {
    await clear()
    const { id } = await submit('In the meantime.')
    const { page, close } = await desk.visit()
    let asked = 0
    let answer = () => {}
    const late = new Promise<void>((resolve) => {
      answer = resolve
    })
    await page.route('**/v1/moderation/reasons', async (route) => {
      asked += 1
      if (asked === 1) await late
      if (asked === 2) return route.fulfill({ status: 503, contentType: 'application/json', body: '{}' })
      return route.continue()
    })
    await signIn(page, await desk.secretOf('marie'))
    await press(page, '/')
    await page.keyboard.type('meant')
    answer()
    await card(page, id).waitFor()
    await page.keyboard.type('ime')
    t.equal(await page.locator('[name=q]').inputValue(), 'meantime')
    t.ok((await page.locator('[name=reason] option').count()) > 1)
    await page.getByLabel('Language').selectOption('fr')
    t.equal(await page.locator('[name=q]').inputValue(), 'meantime')
    await page.getByLabel('Langue').selectOption('en')

    await page.reload()
    await signIn(page, await desk.secretOf('marie'))
    await focused(page, id)
    await press(page, 'r')
    await card(page, id).locator('.panel').waitFor()
    t.equal(await card(page, id).locator('.reasons li').count(), 0, 'nobody has answered')
    const own = card(page, id).getByLabel('in your words')
    await own.focus()
    await page.keyboard.type('Not ere.')
    await press(page, 'ArrowLeft', 'ArrowLeft', 'ArrowLeft', 'ArrowLeft')
    await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
    await card(page, id).locator('.reasons li').first().waitFor()
    await page.keyboard.type('h')
    t.equal(await own.inputValue(), 'Not here.')
    await close()
  })

  await t.test('shows what stands around a comment, and finds more of the same', async (t) => {
    await clear()
    const parent = await desk.service.publish('why-we-print', { body: 'What is answered.' })
    const { id } = await desk.service.submit('why-we-print', { body: 'The answer.', parentId: parent.id })
    const other = await desk.service.submit('elsewhere', { body: 'By the same hand.' })
    const { page, close } = await desk.open('marie')
    await focused(page, id)
    await press(page, 'c')
    const context = page.getByRole('complementary', { name: 'Context' })
    await context.getByText('What is answered.').first().waitFor()
    t.match(await context.innerText(), /why-we-print.*1 approved, 1 pending.*By the same hand\./s)
    await press(page, 'j')
    await focused(page, other.id)
    await until(async () => (/elsewhere/.test(await context.innerText()) ? true : undefined))
    await context.getByRole('button', { name: 'All of this article' }).click()
    await page.getByRole('heading', { name: 'Found' }).waitFor()
    await card(page, other.id).waitFor()
    t.equal(await page.locator('.card').count(), 1)
    await press(page, 'c')
    t.notOk(await context.isVisible())
    t.notMatch(await focusOf(page), /body/)
    await close()
  })

  await t.test('finds words, an address and an id, without any of them in a URL', async (t) => {
    await clear()
    const { id } = await desk.service.submit('a', {
      author: { name: 'Émile', email: 'emile@example.org' },
      body: 'Un crêpe-party inoubliable.',
    })
    await submit('Something else.')
    const { page, close } = await desk.open('marie')
    for (const words of ['crepe inoub', 'emile@example.org', id]) {
      await press(page, '/')
      await page.locator('[name=q]').fill(words)
      await press(page, 'Enter')
      await card(page, id).waitFor()
      await until(async () => ((await page.locator('.card').count()) === 1 ? true : undefined))
      await focused(page, id)
    }
    await press(page, '/')
    await page.locator('[name=q]').fill('nothing of the kind')
    await press(page, 'Enter')
    await page.getByText('There is nothing here.').waitFor()
    t.notMatch(await focusOf(page), /body/)
    await close()
  })

  await t.test('decides about all that was found, once their number is written back', async (t) => {
    await clear()
    const ids: string[] = []
    for (let index = 0; index < 23; index += 1) ids.push((await submit(`A casino, number ${index}`)).id)
    const other = await submit('Something else.')
    const { page, close } = await desk.open('marie')
    await press(page, '/')
    await page.locator('[name=q]').fill('casino')
    await press(page, 'Enter')
    await card(page, ids[22] ?? '').waitFor()
    const later = await submit('A casino that came later')
    await page.getByRole('button', { name: 'Decide about all found…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('23 comments found').waitFor()
    await dialog.getByLabel('Decision').selectOption('reject')
    await dialog.getByLabel('Reason').selectOption('advertising')
    await dialog.getByLabel('write the number').fill('22')
    await press(page, 'Enter')
    t.equal(await statusOf(ids[0] ?? ''), 'pending', 'another number is none')
    await dialog.getByLabel('write the number').fill('23')
    await press(page, 'Enter')
    await untilSaid(page, '23 decided, 0 left.')
    for (const id of ids) t.equal(await statusOf(id), 'rejected')
    t.equal(await statusOf(later.id), 'pending', 'nothing unread')
    t.equal(await statusOf(other.id), 'pending')
    t.notMatch(await focusOf(page), /body/)
    await close()
  })

  await t.test(
    'of more than one call takes, it asks back all, for the verdict that is chosen, and decides no more',
    async (t) => {
      await clear()
      const ids: string[] = []
      for (let index = 0; index < 14; index += 1) ids.push((await submit(`A lottery, number ${index}`)).id)
      const decisions = ids.map((commentId) => ({ commentId, verdict: 'approve' }))
      await desk.as('auditor', 'POST', 'decisions', { decisions: decisions.slice(2) })
      const { page, close } = await desk.open('marie')
      // A service of small steps.
      await page.route('**/v1/moderation/decisions/matching', (route) => {
        const body = route.request().postDataJSON()
        return route.continue({ postData: { ...body, limit: Math.min(body.limit ?? 5, 5) } })
      })
      const dialog = page.getByRole('dialog')
      const find = async (status: string[]) => {
        await press(page, '/')
        await page.locator('[name=q]').fill('lottery')
        if (!(await page.locator('[name=status]').isVisible())) await page.getByText('More filters').click()
        await page.locator('[name=status]').selectOption(status)
        await page.locator('[name=q]').focus()
        await press(page, 'Enter')
        await page.locator('.foot [data-do=reload]').waitFor()
        await page.getByRole('button', { name: 'Decide about all found…' }).click()
        await dialog.waitFor()
      }
      await find(['pending'])
      await dialog.getByText('2 comments found').waitFor()
      await dialog.getByRole('button', { name: 'Close' }).click()
      await find(['approved'])
      await dialog.getByText('12 comments found').waitFor()
      t.equal(await dialog.getByLabel('Decision').inputValue(), 'reject', 'what can be done about them')
      await dialog.getByLabel('Decision').selectOption('approve')
      await dialog.getByText('0 comments found').waitFor()
      await dialog.getByLabel('Decision').selectOption('reject')
      await dialog.getByLabel('write the number: 12').fill('12')
      // Two more than were counted.
      await desk.as('auditor', 'POST', 'decisions', { decisions: decisions.slice(0, 2) })
      await press(page, 'Enter')
      await untilSaid(page, '12 decided, 2 left.')
      for (const id of ids.slice(2)) t.equal(await statusOf(id), 'rejected')
      for (const id of ids.slice(0, 2)) t.equal(await statusOf(id), 'approved')
      await close()
    },
  )

  await t.test('has the numbers before one’s eyes', async (t) => {
    await clear()
    const { id } = await submit('One more.')
    const { page, close } = await desk.open('noor')
    await page.locator('[data-list=pending]', { hasText: /Pending\s*1$/ }).waitFor()
    await press(page, 'a')
    await untilStatus(id, 'approved')
    await until(
      async () =>
        /Today: \d+ approved, \d+ rejected \(1 by you\)/.test(await page.locator('.numbers').innerText()) ||
        undefined,
    )
    await page.locator('[data-list=pending]', { hasText: /Pending\s*0$/ }).waitFor()
    t.equal(await page.title(), '(0) Moderators’ desk')
    await close()
  })

  await t.test('an answer that is lost on its way is no conflict with oneself', async (t) => {
    await clear()
    const { id } = await submit('Decided once.')
    const { page, close } = await desk.open('marie')
    let lost = 0
    await page.route('**/v1/moderation/decisions', async (route) => {
      if (route.request().method() !== 'POST' || lost > 0) return route.fallback()
      lost += 1
      await route.fetch()
      return route.abort()
    })
    await press(page, 'a')
    await untilSaid(page, 'Approved, u undoes')
    t.equal(await page.locator('.refused').count(), 0)
    t.equal((await desk.as('auditor', 'GET', `comments/${id}`)).body.version, 2)
    await press(page, 'u')
    await untilStatus(id, 'pending')
    await close()
  })

  await t.test('what may have been made is undone, and not only taken back', async (t) => {
    await clear()
    const { id } = await submit('Approved, and nobody heard.')
    const { page, close } = await desk.open('marie')
    let isLost = true
    await page.route('**/v1/moderation/decisions', async (route) => {
      if (route.request().method() !== 'POST') return route.fallback()
      if (!isLost) return route.continue()
      await route.fetch()
      return route.abort()
    })
    await press(page, 'a')
    await untilStatus(id, 'approved')
    await card(page, id).getByText('Not sent yet: approve.').waitFor()
    await press(page, 'u')
    await card(page, id).getByText('Not sent yet: reopen.').waitFor()
    t.notMatch(await saidOn(page), /Undone/, 'it stands')
    isLost = false
    await untilSaid(page, 'Undone')
    t.equal(await statusOf(id), 'pending')
    await settled(page)
    await focused(page, id)
    await close()
  })

  await t.test('says what a service of another version does not have', async (t) => {
    await clear()
    const { id } = await submit('All the same.')
    const { page, close } = await desk.visit()
    for (const call of ['claims', 'search', 'reasons', 'summary', `comments/${id}/context`])
      await page.route(new RegExp(`/v1/moderation/${call}$`), (route) =>
        route.fulfill({
          status: 404,
          contentType: 'application/problem+json',
          body: '{"type":"urn:imprimatur:problem:path-not-found"}',
        }),
      )
    await signIn(page, await desk.secretOf('marie'))
    await focused(page, id)
    t.equal(
      await page.locator('h2').first().innerText(),
      'Pending',
      'the queue, where nothing can be claimed',
    )
    await press(page, 'c')
    await page.getByRole('complementary').getByText('does not have that yet').waitFor()
    await press(page, '/')
    await page.locator('[name=q]').fill('anything')
    await press(page, 'Enter')
    await page.locator('.foot').getByText('does not have that yet').waitFor()
    await press(page, 'g', 'p')
    await focused(page, id)
    await press(page, 'a')
    await untilStatus(id, 'approved')
    await close()
  })

  await access(t, desk)

  t.same(desk.complaints, [], 'against no policy, and without an error')
  const told = desk.requests.filter(
    ({ url, referer }) => /@|%40|example\.org/i.test(url) || (referer !== undefined && referer !== ''),
  )
  t.same(told, [], 'an address is in no URL, and a Referer is never sent')
  t.same(
    desk.requests.filter(({ url }) => !url.startsWith(`${desk.origin}/`)),
    [],
    'nobody else is asked',
  )
  t.notMatch(desk.service.log.join(''), /ada@example/)
})

async function access(t: Test, desk: DeskSite): Promise<void> {
  for (let index = 0; index < 3; index += 1) {
    const { id } = await desk.service.submit('a', { body: `For everybody, ${index}.` })
    if (index > 0) await desk.as('zoe', 'POST', `comments/${id}/notes`, { text: 'Seen.' })
  }
  const states: [what: string, keys: string[], shown: string][] = [
    ['the list', [], '.card:focus'],
    ['a rejection', ['r'], '.panel'],
    ['a note', ['Escape', 'n'], 'textarea'],
    ['context', ['Escape', 'c'], '.context > *'],
    ['a selection', ['x', 'Shift+R'], '.selection .panel'],
    ['the keys', ['Escape', '?'], 'dialog'],
  ]
  for (const [look, options] of [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['narrow', { viewport: { width: 320, height: 640 } }],
    ['in forced colours', { forcedColors: 'active', reducedMotion: 'reduce' }],
  ] as const)
    await t.test(`axe finds nothing wrong, ${look}`, async (t) => {
      const outside = await desk.visit(options)
      t.same(await faultsOf(outside.page), [], 'signing in')
      await outside.close()
      const { page, close } = await desk.open('marie', options)
      for (const [what, keys, shown] of look === 'in forced colours' ? states.slice(0, 2) : states) {
        for (const key of keys) await page.keyboard.press(key)
        await page.locator(shown).first().waitFor()
        t.same(await faultsOf(page), [], what)
        t.ok(
          Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth')) <= 0,
          `${what}: no sideways scrolling`,
        )
      }
      await page.keyboard.press('Escape')
      t.same(
        await page.evaluate(`[...document.querySelectorAll('a, button, input, select, textarea, summary')]
          .filter((one) => one.checkVisibility() && !one.closest('.about, .log, .context'))
          .map((one) => [one.dataset.do ?? one.name ?? one.textContent, one.getBoundingClientRect()])
          .filter(([, { width, height }]) => width < 24 || height < 24)
          .map(([name, { width, height }]) => [name, width, height].join(' '))`),
        [],
        'each target is 24 pixels high and wide',
      )
      await close()
    })

  await t.test('whoever cannot decide by keys decides by buttons, each with a name', async (t) => {
    const { page, close } = await desk.open('marie', {
      hasTouch: true,
      viewport: { width: 360, height: 740 },
    })
    const id = await focusOf(page)
    const one = page.locator(`.card[data-id="${id}"]`)
    await one.getByRole('button', { name: 'Reject' }).tap()
    await one.getByLabel('in your words').fill('Please stay on the subject.')
    await one.getByRole('button', { name: 'Reject with this' }).tap()
    await untilSaid(page, 'Rejected, u undoes')
    const { body } = await desk.as('auditor', 'GET', `comments/${id}`)
    t.match(body.decisions.at(-1), { action: 'reject', reason: 'Please stay on the subject.' })
    await page.getByRole('button', { name: 'Undo' }).tap()
    await untilSaid(page, 'Undone')
    t.equal(await page.getByRole('status').count(), 1, 'one place where news are told')
    await close()
  })
}

async function faultsOf(page: Page): Promise<string[]> {
  await untilTrue(page, 'document.getAnimations().every(({ playState }) => playState !== "running")')
  await page.evaluate(axe.source)
  const faults: unknown =
    await page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ' ' + html.slice(0, 160) + ' ' + failureSummary)))`)
  return faults as string[]
}
