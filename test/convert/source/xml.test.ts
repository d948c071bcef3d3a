import t from 'tap'
import { present, readXml } from '../../../src/convert/source/xml.ts'

async function textsOf(xml: string): Promise<[name: string, text: string | null][]> {
  async function* pieces() {
    // A few characters at a time: a text comes in several.
    for (let at = 0; at < xml.length; at += 7) yield Buffer.from(xml.slice(at, at + 7))
  }
  const texts: [string, string | null][] = []
  const handlerOf = (found: (text: [string, string | null]) => void) => ({
    open: ({ name }: { name: string }) => (name === 'ip' ? ('whether' as const) : name === 'said'),
    close: ({ name }: { name: string }, _: unknown, text: string | null) => found([name, text]),
  })
  for await (const text of readXml({ name: 'a.xml', path: null, pieces }, handlerOf)) texts.push(text)
  return texts
}

t.test('of a secret only whether it is there is given, and of what is not wanted nothing', async (t) => {
  t.same(
    await textsOf(
      '<a><ip>203.0.113.77, 203.0.113.78</ip><ip><![CDATA[203.0.113.77]]></ip><ip> \n </ip><ip/><said>words</said><b>more</b></a>',
    ),
    [
      ['ip', present],
      ['ip', present],
      ['ip', ''],
      ['ip', ''],
      ['said', 'words'],
      ['b', ''],
      ['a', ''],
    ],
  )
})
