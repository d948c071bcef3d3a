import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { startChromium } from '../client/chromium.ts'
import { bareNode, startService } from '../support/process.ts'
import { until } from '../support/until.ts'

/* The newspaper of `npm run example`, as its readers see it: in a real browser, under the policy that it is served with. */

const main = fileURLToPath(new URL('../../examples/newspaper/main.ts', import.meta.url))

t.setTimeout(300_000)

t.test('the page of an article without comments says what the newspaper has always said', async (t) => {
  const { origin, complaints, open } = await newspaper(t)
  const page = await open(`${origin}/une-heure-sans-ecran`)
  await page.locator('.imprimatur-empty').scrollIntoViewIfNeeded()
  const shown = await textOf(page)
  inOrder(t, shown, [
    'Commentaire 0',
    'Tous les champs sont obligatoires.',
    'Votre email ne sera pas affiché publiquement.',
    "Il n'y a actuellement aucun commentaire concernant cet article.",
    'Soyez le premier à donner votre avis !',
  ])
  t.notMatch(shown, 'Merci')

  await page.fill('[name=name]', 'Zoé')
  await page.fill('[name=email]', 'zoe@example.org')
  await page.fill('[name=body]', 'Une deuxième heure, enfin.')
  await page.click('.imprimatur-send')
  await page.locator('.imprimatur-status:not(:empty)').waitFor()
  t.equal(
    await page.locator('.imprimatur-status').innerText(),
    'Merci pour votre commentaire. Il sera visible prochainement sous réserve de validation.',
  )
  t.match(await textOf(page), 'Commentaire 0', 'it is not public yet')
  t.same(complaints, [], 'nothing that the policy forbids was tried, and nothing went wrong')
})

t.test('articles show their threads, and the front page what has been written about each', async (t) => {
  const { origin, complaints, open } = await newspaper(t)
  const page = await open(`${origin}/`)
  const counts = page.locator('imprimatur-count')
  await page.locator('text=Commentaires 6').waitFor()
  t.same(await counts.allInnerTexts(), ['Commentaires 6', 'Commentaire 1', 'Commentaire 0'])
  await counts.first().click()
  await page.locator('article.imprimatur-comment').nth(5).waitFor()
  const shown = await textOf(page)
  t.match(shown, 'Commentaires 6')
  t.notMatch(shown, 'On peut vraiment visiter', 'what waits is not public')
  t.equal(await page.locator('ol ol ol > li').count(), 1, 'a reply to a reply')
  await page.click('text=Règles des commentaires')
  await page.locator('h1', { hasText: 'Règles des commentaires' }).waitFor()
  t.same(complaints, [])
})

t.test('what it says to try can be tried, and Ctrl-C ends all of it', async (t) => {
  const { origin, printed, interrupt } = await newspaper(t)
  const urls = [...new Set(printed().match(/http:\/\/127[^\s']+/g))].filter((url) => !url.includes('/ID/'))
  t.ok(urls.length >= 6, urls.join(' '))
  const token = /Bearer ([\w-]+)/.exec(printed())?.[1] ?? ''
  for (const url of urls)
    t.equal((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status, 200, url)
  const queue = urls.find((url) => url.includes('/moderation/')) ?? ''
  const asked = await fetch(queue, { headers: { authorization: `Bearer ${token}` } })
  const { comments } = (await asked.json()) as { comments: { id: string }[] }
  t.equal(comments.length, 1, 'one comment waits')
  const approval = { method: 'POST', headers: { authorization: `Bearer ${token}` } }
  t.equal((await fetch(`${queue}/${comments[0]?.id}/approve`, approval)).status, 200)

  t.equal((await fetch(`${origin}/nulle-part`)).status, 404)
  t.equal(await interrupt(), 0)
  for (const url of [origin, queue]) await t.rejects(fetch(url), `${url} is gone`)
})

t.test('it takes the comments of a service that runs already, and leaves that running', async (t) => {
  const token = 'only-for-the-newspaper-0123456789-abcdef'
  const service = await startService(t, {
    DATABASE_URL: 'file::memory:',
    MODERATOR_TOKEN: token,
    CORS_ORIGINS: '*',
    SUBMISSIONS_PER_MINUTE: '0',
  })
  const env = { SERVICE: service.origin, MODERATOR_TOKEN: token }
  const { origin, complaints, open, interrupt } = await newspaper(t, env)
  const page = await open(`${origin}/le-dernier-bac`)
  await page.locator('text=Commentaire 1').waitFor()
  t.same(complaints, [])
  t.equal(await interrupt(), 0)
  t.equal((await fetch(`${service.origin}/livez`)).status, 200)
})

async function newspaper(t: Test, env: Record<string, string> = {}) {
  const [command = '', ...args] = [...bareNode, main]
  const child = spawn(command, args, {
    // Nobody types here: the form is sent sooner than people write.
    env: { ...process.env, PORT: '0', FORM_LEAST_SECONDS: '0', MAX_EVENT_LOOP_DELAY_MS: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  const interrupt = async () => {
    if (child.exitCode === null) child.kill('SIGINT')
    return ended
  }
  t.teardown(interrupt)
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  await until(() => (printed.includes('Ctrl-C') ? true : undefined))
  const origin = /The newspaper: +(http:\S+)\//.exec(printed)?.[1] ?? ''
  const complaints: string[] = []
  let browser: Browser | undefined
  const open = async (url: string) => {
    browser ??= await startChromium(t)
    const page = await browser.newPage({ viewport: { width: 900, height: 1200 } })
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (line) => {
      if (['error', 'warning'].includes(line.type())) complaints.push(line.text())
    })
    const own = [origin, /The comments: +(http:\S+)\//.exec(printed)?.[1] ?? '']
    page.on('request', (request) => {
      if (!own.some((one) => request.url().startsWith(`${one}/`)))
        complaints.push(`it asks for ${request.url()}`)
    })
    await page.addInitScript(
      `addEventListener('securitypolicyviolation', ({ violatedDirective }) => console.error(violatedDirective))`,
    )
    await page.goto(url)
    return page
  }
  return { origin, complaints, open, printed: () => printed, interrupt }
}

async function textOf(page: Page): Promise<string> {
  return page.locator('body').innerText()
}

function inOrder(t: Test, text: string, sentences: readonly string[]): void {
  const places = sentences.map((sentence) => text.indexOf(sentence))
  for (const [index, place] of places.entries()) t.ok(place >= 0, `it says: ${sentences[index]}`)
  t.same(
    places,
    places.toSorted((one, other) => one - other),
    'in this order',
  )
}
