import t from 'tap'
import { pagesOnce } from '../../src/convert/pages-once.ts'
import type { SourcePage } from '../../src/convert/records.ts'

const pageOf = (url: string): SourcePage => ({
  kind: 'page',
  key: url,
  url,
  identifier: null,
  title: null,
  publishedAtMs: null,
  isClosed: false,
  leftOut: null,
})

t.test('a page is given once, and again where something else is said of it', async (t) => {
  const pages = pagesOnce()
  t.equal(pages(pageOf('/a')).length, 1)
  t.equal(pages(pageOf('/a')).length, 0)
  t.equal(pages({ ...pageOf('/a'), title: 'A' }).length, 1)
})

t.test('how much is remembered does not grow with the file', async (t) => {
  const pages = pagesOnce()
  const long = `/${'x'.repeat(2 ** 20)}`
  t.equal(pages(pageOf(long)).length, 1)
  t.equal(pages(pageOf(long)).length, 1, 'a long one is not remembered')
  const url = (n: number) => `/${n}/${'x'.repeat(1_500)}`
  for (let n = 0; n < 3_000; n++) pages(pageOf(url(n)))
  t.equal(pages(pageOf(url(0))).length, 1, 'forgotten by the size of those behind it')
  t.equal(pages(pageOf(url(2_999))).length, 0)
})
