import { once } from 'node:events'
import { createServer, request as requestOf } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { startDesk, untilSaid } from './desk-site.ts'

/* The pages of the service behind a proxy that has it below a path of the site's, and takes that path off. */

t.setTimeout(300_000)

const below = '/about/comments'

t.test('what the service shows works below a path', async (t) => {
  const proxy = await startProxy(t)
  const desk = await startDesk(t, { publicUrl: proxy.url, formLeastSeconds: 0 })
  proxy.target = new URL(desk.origin)
  const { id } = await desk.service.publish('a', { body: 'Approved before.' })

  await t.test(
    'the desk: signs in, decides, undoes, finds, and asks for nothing beside the path',
    async (t) => {
      const { id: pending } = await desk.service.submit('a', { body: 'Waits below a path.' })
      const { page, close } = await desk.open('marie', { at: `${proxy.url}/desk` })
      await page.locator(`.card[data-id="${pending}"]:focus`).waitFor()
      await page.keyboard.press('a')
      await untilSaid(page, /^Approved/)
      await page.keyboard.press('u')
      await untilSaid(page, /^Undone/)
      await page.keyboard.press('/')
      await page.locator('input[name=q]').fill('approved before')
      await page.keyboard.press('Enter')
      await page.locator(`.card[data-id="${id}"]`).waitFor()
      await close()
      t.same(
        desk.requests.map(({ url }) => url).filter((url) => !url.startsWith(`${proxy.url}/`)),
        [],
      )
      t.same(desk.complaints, [])
    },
  )

  await t.test('the page without a script: its style, its form and what that leads to', async (t) => {
    const context = await desk.browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    const asked: string[] = []
    const failed: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    page.on('response', (response) => {
      if (response.status() >= 400) failed.push(`${response.status()} ${response.url()}`)
    })
    await page.goto(`${proxy.url}/thread/a`)
    await page.getByText('Approved before.').waitFor()
    await page.getByLabel('Name').fill('Ada')
    await page.getByLabel('Email').fill('ada@example.org')
    await page.getByLabel('Comment', { exact: true }).fill('Sent below a path.')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('Thank you').waitFor()
    t.ok(page.url().startsWith(`${proxy.url}/thread/a`), page.url())
    t.ok(asked.length > 2)
    t.same(
      asked.filter((url) => !url.startsWith(`${proxy.url}/`)),
      [],
    )
    t.same(failed, [])
    await context.close()
    const { body } = await desk.as('marie', 'GET', 'comments?order=newest&limit=1')
    t.match(body.comments, [{ body: 'Sent below a path.' }])
  })

  await t.test('the front page, and the reference', async (t) => {
    const context = await desk.browser.newContext()
    const page = await context.newPage()
    const wrong: string[] = []
    page.on('response', (response) => {
      if (response.status() >= 400 || !response.url().startsWith(`${proxy.url}/`)) wrong.push(response.url())
    })
    await page.goto(`${proxy.url}/`)
    const links = (await page.evaluate('[...document.links].map(({ href }) => href)')) as string[]
    t.ok(links.length > 1)
    for (const link of links) {
      if (link.startsWith(proxy.origin)) t.equal((await fetch(link)).status, 200, link)
    }
    await page.goto(`${proxy.url}/docs`)
    await page.getByText('Submit a comment').first().waitFor()
    // What is tried out is asked of the service that shows the page.
    await page.locator('#operations-Machine-livez').click()
    await page.getByRole('button', { name: 'Try it out' }).click()
    const answered = page.waitForResponse((response) => response.url().endsWith('/livez'))
    await page.getByRole('button', { name: 'Execute' }).click()
    t.equal((await answered).url(), `${proxy.url}/livez`)
    t.same(wrong, [])
    await context.close()
  })
})

/** Takes the path off, as `proxy_pass` with a slash at its end does, and answers 404 beside it. */
async function startProxy(t: Test): Promise<{ origin: string; url: string; target: URL | null }> {
  const proxy: { origin: string; url: string; target: URL | null } = { origin: '', url: '', target: null }
  const server = createServer((request, response) => {
    const path = request.url?.startsWith(`${below}/`) ? request.url.slice(below.length) : null
    if (path === null || proxy.target === null) {
      response.writeHead(404).end()
      return
    }
    const { hostname, port } = proxy.target
    const { method, headers } = request
    const onward = requestOf({ hostname, port, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  proxy.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  proxy.url = `${proxy.origin}${below}`
  return proxy
}
