import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { htmlText } from '../../src/http/html-text.ts'
import { toHtml } from '../../src/page/html.ts'
import { h } from '../../src/page/tree.ts'

t.test('others have their turns while a long page is written', async (t) => {
  const page = h(
    'ol',
    {},
    Array.from({ length: 100 }, (_, index) => h('li', { title: `${index}` }, '&"<'.repeat(3_000))),
  )
  let turns = 0
  let isWritten = false
  const others = (async () => {
    while (!isWritten) {
      await setImmediate()
      turns += 1
    }
  })()
  const text = await htmlText(page)
  isWritten = true
  await others
  t.equal(text, toHtml(page))
  t.ok(turns > 50, `${turns} turns`)
})

t.test('a short one is written at once', async (t) => {
  t.equal(await htmlText(h('p', {}, 'A fine article.')), '<p>A fine article.</p>')
})
