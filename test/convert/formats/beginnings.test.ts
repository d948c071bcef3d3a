import t from 'tap'
import { type FormatName, formatNames } from '../../../src/convert/format-names.ts'
import { formatOf, formats } from '../../../src/convert/formats/index.ts'
import { beginningBytes } from '../../../src/convert/source/source-file.ts'

/** How files of several systems begin; keys in any order, some empty, some with the lists first that say less. */
const beginnings: [system: string, text: string][] = [
  [
    'disqus',
    '<?xml version="1.0"?><disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">',
  ],
  ['wordpress', '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel>'],
  [
    'wordpress',
    '<?xml version="1.0"?>\n<!-- <disqus> -->\n<!DOCTYPE rss [<!ENTITY a "b">]>\n<rss xmlns:wp="https://wordpress.org/export/1.1/"><disqus a="http://disqus.com">',
  ],
  ['commento', '{"version":1,"comments":[{"commentHex":"a","markdown":"\\"pageId\\": \\"page_key\\""'],
  ['commento', '{"commenters":[{"email":"","commenterHex":"a"}],"comments":null,"version":1}'],
  ['commento', '{"comments":[],"commenters":[],"version":1}'],
  ['commento', '{"version":2,"comments":[{"commentHex":"a"}'],
  ['comentario', '{"version":3,"pages":[{"id":"p","isReadonly":false'],
  ['comentario', '{"commenters":[{"id":"a","colourIndex":3'],
  ['comentario', '{"comments":[{"id":"a","pageId":"p"'],
  ['comentario', '{"version":3,"pages":null,"comments":null,"commenters":null}'],
  ['artrans', '[{"id":"1","rid":"0","content":"<disqus http://disqus.com","page_key":"/"'],
  ['artrans', '\n [ { "page_key" : "/" , "content" : "{\\"objectId\\": 1}"'],
  ['waline', '{"type":"waline","version":1'],
  ['waline', '{"data":{"Users":[{"objectId":1}],"Comment":['],
  ['waline', '{"data":{"Counter":[],"Users":[{"objectId":1'],
  ['waline', '{"data":{"Comment":[{"objectId":"1","comment":""'],
  [
    'waline',
    '#filetype:JSON-streaming {"type":"Class","class":"Comment"}\n{"nick":"a","comment":"b","objectId":"1"}',
  ],
  ['waline', '[{"nick":"a","comment":"b","objectId":"1"'],
  ['waline', '{"results":[{"nick":"a","comment":"b","objectId":"1"'],
  [
    'remark42',
    '{"version":1,"users":[],"posts":[]}\n{"id":"1","pid":"","text":"a","locator":{"site":"s","url":"u"}}',
  ],
  [
    'coral',
    '{"_id":{"$oid":"5f"},"tenantID":"t","id":"1","parentID":null,"authorID":"a","storyID":"s","revisions":[{"body":"b"}],"status":"NONE"}\n',
  ],
  ['coral', '"1","2","3","2020-01-01T00:00:00Z","<p>a</p>","","APPROVED","0"\n'],
  [
    'isso',
    'SQLite format 3\0 CREATE TABLE threads (id, uri) CREATE TABLE comments (remote_addr, voters) <disqus a="http://disqus.com">',
  ],
  ['another', 'SQLite format 3\0 CREATE TABLE comments'],
  [
    'Imprimatur',
    '{"kind":"header","format":"imprimatur","version":1,"counts":{"comment":1}}\n{"kind":"comment","id":"a"}',
  ],
  ['another', '{"version":3}'],
  ['another', '{"version":1,"comments":"commentHex"}'],
  ['another', '[]'],
  ['another', '[1, "page_key", {"content": 1}]'],
  ['another', '{"data":{"Comment":'],
  ['another', ''],
]

const readAsJson = ['commento', 'comentario', 'artrans', 'waline'] as const satisfies FormatName[]

t.test('each file is told by its beginning, and is of one system alone', (t) => {
  for (const [system, text] of beginnings) {
    const beginning = { bytes: Buffer.from(text), text }
    for (const name of readAsJson)
      t.equal(formats[name].recognises(beginning), name === system, `${name}: ${text}`)
    const found = formatOf(beginning)
    if (formatNames.some((name) => name === system)) t.equal(found, system, text)
    else if (system === 'another' || system === 'Imprimatur') t.equal(found, null, text)
  }
  t.end()
})

t.test('however long the comments are, their keys tell it', (t) => {
  const text = `{"comments":[{"commentHex":"a","markdown":"${'x'.repeat(2 * beginningBytes)}`.slice(
    0,
    beginningBytes,
  )
  t.equal(formatOf({ bytes: Buffer.from(text), text }), 'commento')
  t.end()
})
