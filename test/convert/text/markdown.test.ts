import t from 'tap'
import { markdownOrHtmlToText, withoutMention } from '../../../src/convert/text/markdown.ts'

t.test('Markdown stays as it is, and what shows of HTML is taken', (t) => {
  const cases: [text: string, expected: string][] = [
    ['Some *Markdown* &amp; a\nbreak\n\n> quote', 'Some *Markdown* &amp; a\nbreak\n\n> quote'],
    [
      '<https://example.org> and a < b > c, <nick> and <T>',
      '<https://example.org> and a < b > c, <nick> and <T>',
    ],
    ['write `<div>` and\n```html\n<p>x</p>\n```', 'write `<div>` and\n```html\n<p>x</p>\n```'],
    ['<p>One &amp; two</p>\n<p>three<br>four</p>', 'One & two\n\nthree\nfour'],
    ['A *b*\n<img src="https://example.org/doge.png" alt="doge"> <T> c', 'A *b*\ndoge <T> c'],
    ['`<b>` is <b>bold</b>: `&lt;`', '`<b>` is bold: `&lt;`'],
    ['<b>x</b>\n```\n  if <p>\n    y\n```', 'x\n```\n  if <p>\n    y\n```'],
    ['<script>alert(1)</script>text', 'text'],
    ['a ` <b>x</b>', 'a ` x'],
  ]
  for (const [text, expected] of cases)
    t.equal(squeezed(markdownOrHtmlToText(text)), squeezed(expected), text)
  t.equal(markdownOrHtmlToText('x'.repeat(2 ** 18 + 1)), null)
  t.end()
})

function squeezed(text: string | null): string | undefined {
  return text?.replaceAll(/\n+/g, '\n')
}

t.test('what was made to take long does not', (t) => {
  for (const unit of [
    '<',
    '<a ',
    '`',
    '``` ',
    '` `` ',
    '<a href="',
    '<b>`',
    '</p',
    '[@a',
    '<a class="at" href="#',
  ])
    t.doesNotThrow(
      () => markdownOrHtmlToText(withoutMention(`<b>x</b>${unit.repeat(2 ** 18 / unit.length - 10)}`)),
      unit,
    )
  const uneven = Array.from({ length: 700 }, (_, n) => '`'.repeat(n + 1)).join(' ')
  t.match(markdownOrHtmlToText(`<b>x</b>${uneven}`.slice(0, 2 ** 18)), /^x`/)
  t.end()
})

t.test('the link to what is answered goes where the system put it, and nowhere else', (t) => {
  const gone = [
    '[@Ann](#5f0c1): text',
    '[@Ann B.](#12)：text',
    '<a class="at" href="#5f0c1">@Ann</a> , text',
    '<a href="#atk-comment-7">@Ann</a> text',
    "<a href='#7' class='vat'>@Ann</a>， text",
  ]
  for (const text of gone) t.equal(withoutMention(text), 'text', text)
  t.equal(withoutMention('<p><a class="at" href="#5f">@Ann</a> , text</p>'), '<p>text</p>')
  const kept = [
    '@Ann text',
    '[Ann](#5f): text',
    '[@Ann](https://example.org/#5f): text',
    'text [@Ann](#5f): text',
    '<a href="https://example.org">@Ann</a> text',
    '<a href="#5f">Ann</a> text',
    '<a href="#5f" onclick="x">@Ann</a> text',
    '<a href="#">@Ann</a> text',
  ]
  for (const text of kept) t.equal(withoutMention(text), text, text)
  t.end()
})
