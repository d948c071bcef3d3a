import { readFile } from 'node:fs/promises'
import t from 'tap'
import { blankPage, clientScript, startChromium } from './chromium.ts'
import { hostileTexts, lineOf } from './hostile-texts.ts'

t.setTimeout(600_000)

const style = await readFile(new URL('../../client/show-comment.css', import.meta.url), 'utf8')
const html = `<!doctype html><html lang="fr"><style>${style}</style><p id="before">Before.</p><main></main><p id="after">After.</p>`

const comment = {
  id: '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11',
  parentId: null,
  author: { name: 'Ada' },
  body: 'A fine article.',
  submittedAt: '2026-05-04T09:30:00.000Z',
  publishedAt: '2026-05-04T10:00:00.000Z',
}

t.test('a comment in a real browser', async (t) => {
  const browser = await startChromium(t)
  const script = await clientScript('show-comment.ts')
  const shown = async (more: Partial<typeof comment>) => {
    const { page, complaints } = await blankPage(browser, html)
    await page.addScriptTag({ type: 'module', content: `${script}; globalThis.showComment = showComment` })
    await page.waitForFunction('globalThis.showComment')
    await page.evaluate(
      `document.querySelector('main').append(showComment(${JSON.stringify({ ...comment, ...more })}, 'fr'))`,
    )
    return { page, complaints }
  }

  await t.test('is text, whatever it looks like', async (t) => {
    const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>&amp;'
    const { page, complaints } = await shown({ author: { name: hostile }, body: hostile })
    t.equal(await page.textContent('.imprimatur-author'), hostile)
    t.equal(await page.textContent('.imprimatur-body'), hostile)
    t.equal(await page.locator('main img, main script').count(), 0)
    t.equal(await page.title(), '')
    t.same(complaints, [])
  })

  await t.test('can be linked to, and tells its time in the language of the page', async (t) => {
    const { page } = await shown({})
    t.equal(await page.locator(`#comment-${comment.id}`).count(), 1)
    t.equal(await page.getAttribute('time', 'datetime'), comment.submittedAt)
    t.match(await page.textContent('time'), /^4 mai 2026/)
  })

  await t.test('a direction that is left open in a name turns nothing round behind it', async (t) => {
    const lefts = async (name: string) => {
      const { page } = await shown({ author: { name } })
      const name_ = await page.locator('.imprimatur-author').boundingBox()
      const time = await page.locator('time').boundingBox()
      return { name: name_?.x ?? Number.NaN, time: time?.x ?? Number.NaN }
    }
    for (const name of ['Eve\u202e', 'Eve\u2067', '\u0639\u0631\u0628\u064a']) {
      const { name: nameAt, time } = await lefts(name)
      t.ok(nameAt < time, `the time stands behind ${encodeURIComponent(name)}`)
    }
  })

  await t.test('a text of another direction begins on its own side', async (t) => {
    const { page } = await shown({ body: '\u0639\u0631\u0628\u064a' })
    const direction = await page.evaluate(
      `getComputedStyle(document.querySelector('.imprimatur-body')).direction`,
    )
    t.equal(direction, 'rtl')
  })

  await t.test('draws over nothing that stands beside it', async (t) => {
    const neighbours = async (more: Partial<typeof comment>, name: string) => {
      const { page } = await shown(more)
      const selectors = ['#before', '#after', 'time', ...(name === 'name' ? ['.imprimatur-body'] : [])]
      return Promise.all(
        selectors
          .filter((selector) => name === 'body' || selector !== 'time')
          .map(async (selector) => (await page.locator(selector).screenshot()).toString('base64')),
      )
    }
    const [besideName, besideBody] = [await neighbours({}, 'name'), await neighbours({}, 'body')]
    for (const [what, text] of Object.entries(hostileTexts)) {
      t.same(await neighbours({ author: { name: lineOf(text) } }, 'name'), besideName, `a name: ${what}`)
      t.same(await neighbours({ body: text }, 'body'), besideBody, `a text: ${what}`)
    }
  })

  await t.test('keeps its lines, and leaves its column with no word', async (t) => {
    const { page } = await shown({
      author: { name: '\u00a0'.repeat(60) + 'x'.repeat(40) },
      body: `one\ntwo\n${'x'.repeat(2_000)}`,
    })
    t.match(await page.innerText('.imprimatur-body'), /^one\ntwo\n/)
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    t.ok(Number(overflow) <= 0, `${overflow} pixels too wide`)
  })
})
