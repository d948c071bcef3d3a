import { XmlDocument } from 'libxml2-wasm'
import t from 'tap'
import { cdata, element, xmlDocument } from '../src/xml.ts'

/** What a parser that is not ours reads of a text, as the content of an element and as an attribute. */
function read(text: string): [content: string, attribute: string | undefined] {
  const made = xmlDocument(element('a', { b: text }, text))
  using document = XmlDocument.fromBuffer(Buffer.from(made))
  return [document.root.content, document.root.attr('b')?.value]
}

t.test('each character that XML can hold comes back as it was, in text and in attributes', async (t) => {
  const kept = Array.from({ length: 0x11_0000 }, (_, code) => code).filter(
    (code) =>
      [0x9, 0xa, 0xd].includes(code) ||
      (code >= 0x20 &&
        (code < 0x7f || code > 0x9f) &&
        (code < 0xd800 || code > 0xdfff) &&
        code !== 0xfffe &&
        code !== 0xffff),
  )
  for (let start = 0; start < kept.length; start += 10_000) {
    const text = String.fromCodePoint(...kept.slice(start, start + 10_000))
    const [content, attribute] = read(text)
    if (content !== text || attribute !== text)
      t.fail(`not as it was, from U+${kept[start]?.toString(16)} on`)
  }
  t.ok(kept.length > 1_100_000)
})

t.test('what XML cannot hold becomes U+FFFD, and makes no document ill-formed', async (t) => {
  const controls = Array.from({ length: 0x20 }, (_, code) => code).filter(
    (code) => ![9, 10, 13].includes(code),
  )
  for (const code of [...controls, 0x7f, 0x80, 0x85, 0x9f, 0xfffe, 0xffff, 0xd800, 0xdbff, 0xdc00, 0xdfff])
    t.same(read(`a${String.fromCharCode(code)}b`), ['a\ufffdb', 'a\ufffdb'], `U+${code.toString(16)}`)
  t.same(read('\udc00\ud800'), ['\ufffd\ufffd', '\ufffd\ufffd'])
})

t.test('no text becomes markup', async (t) => {
  for (const text of [
    '</a><c/>',
    ']]>',
    '<![CDATA[',
    '&amp;&#60;&x;',
    `"' b="c"`,
    '<!--',
    '<?xml ?>',
    '\r\n \r \t',
  ])
    t.same(read(text), [text, text])
})

t.test('what is null is left out, and what is empty is an empty element', async (t) => {
  t.equal(
    xmlDocument(element('a', { b: null, c: '' }, null, element('d', {}), element('e', {}, ''))),
    '<?xml version="1.0" encoding="UTF-8"?>\n<a c="">\n<d/>\n<e></e>\n</a>\n',
  )
})

t.test('a CDATA section holds what XML can hold, and its own end, beside nothing else', async (t) => {
  const readBack = (text: string) => {
    using document = XmlDocument.fromBuffer(Buffer.from(xmlDocument(element('a', {}, cdata(text)))))
    return document.root.content
  }
  for (const text of ['', ' a ', ']]>', ']]]]>>', '<![CDATA[]]>', '</a>', '&amp;', 'a\nb\tc', '👍'])
    t.equal(readBack(text), text)
  t.equal(readBack('a\r\nb\rc'), 'a\nb\nc', 'a line break is a line feed')
  t.equal(readBack('a\ufffeb\u0000c\ud800d\u001be'), 'a\ufffdb\ufffdc\ufffdd\ufffde')
})
