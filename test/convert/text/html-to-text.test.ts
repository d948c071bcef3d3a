import t from 'tap'
import { htmlToText } from '../../../src/convert/text/html-to-text.ts'

const markup = (html: string) => htmlToText(html, { lineBreaks: 'markup' })
const text = (html: string) => htmlToText(html, { lineBreaks: 'text' })

const shown: [html: string, text: string][] = [
  ['<p>Hello,   <b>World</b>.</p><p>Second<br>line</p>', 'Hello, World.\n\nSecond\nline'],
  ['a<br><br>b<br>', 'a\n\nb'],
  ['<p>a</p>\n<p>b</p>\n', 'a\n\nb'],
  [
    '<blockquote><p>one</p><p>two</p><blockquote>deep</blockquote></blockquote>me',
    '> one\n>\n> two\n>\n> > deep\n\nme',
  ],
  [
    '<ul><li>a<li>b<ol start="3"><li>x</li><li><p>y</p></li></ol></ul>after',
    '- a\n- b\n  3. x\n  4. y\n\nafter',
  ],
  ['see <a href="https://example.org/a">words</a>', 'see words (https://example.org/a)'],
  ['<a href="https://example.org/a/">example.org/a</a>', 'https://example.org/a/'],
  ['<a href="https://example.org/a/long">https://exam…</a>', 'https://example.org/a/long'],
  ['<a href="//example.org/a">words</a>', 'words (https://example.org/a)'],
  [
    '<a href="javascript:alert(1)">js</a> <a href="mailto:ada@example.org">mail</a> <a name="x">n</a>',
    'js mail n',
  ],
  ['<a href="https://example.org/"></a>', 'https://example.org/'],
  [
    '<img src="https://example.org/a.png"><img alt=":-)" src="x"><img src="data:image/png;base64,AAAA">',
    'https://example.org/a.png:-)',
  ],
  ['a<script>alert(1)</script>b<style>p{}</style>c<!-- e -->f', 'abcf'],
  ['<scr<script>ipt>alert(1)</script>x', 'ipt>alert(1)x'],
  ['write <script> there, and <style> here', 'write <script> there, and <style> here'],
  ['in <title> or <select> nothing is lost', 'in or <select> nothing is lost'],
  [
    '&lt;b&gt; &amp;amp; &eacute; &hellip; &#x1F600; &#128512; &CounterClockwiseContourIntegral;',
    '<b> &amp; é … 😀 😀 ∳',
  ],
  ['5 < 6 and 7 > 3 & so', '5 < 6 and 7 > 3 & so'],
  ['<pre>a\n   b\n\n c</pre>', 'a\n   b\n\n c'],
  ['<pre>a\n  &lt;p>  <b>b</b>\n   \nc</pre>', 'a\n  <p>  b\n\nc'],
  ['<table><tr><td>1<td>2<tr><td>3</table>', '1 2\n3'],
  ['<iframe src="https://video.example.org/1"></iframe>', 'https://video.example.org/1'],
  ['no markup\nat all', 'no markup\nat all'],
]

t.test('markup becomes what a reader would see', async (t) => {
  for (const [html, expected] of shown) t.equal(markup(html)?.trim(), expected, html)
})

t.test('where line breaks count, they are kept beside the markup', async (t) => {
  t.equal(text('one\ntwo <em>x</em>\n\nthree\r\nfour'), 'one\ntwo x\n\nthree\nfour')
  t.equal(text('<blockquote>a\nb</blockquote>\nc'), '> a\n> b\n\nc')
})

t.test('a link that counts clicks is followed in the address alone', async (t) => {
  const targetOf = () => 'https://example.org/true'
  t.equal(
    htmlToText('<a href="https://disq.us/url?url=x">w</a>', { lineBreaks: 'markup', targetOf }),
    'w (https://example.org/true)',
  )
})

t.test('whatever is made to take long takes none: it is given up', async (t) => {
  const before = process.cpuUsage()
  for (const html of [
    '<blockquote>'.repeat(100_000),
    '<b>'.repeat(500_000),
    '<ul><li>'.repeat(100_000),
    'word '.repeat(200_000),
  ])
    t.equal(markup(`${html}x`), null)
  t.equal(markup(`${'</p>'.repeat(200_000)}x`), 'x')
  t.ok(markup('<a href="https://x.example/">https://x.example/</a> '.repeat(5_000)))
  const { user } = process.cpuUsage(before)
  // Some four seconds of a slow machine; before the depth was bounded it took minutes.
  t.ok(user < 60_000_000, `${user} µs`)
})
