import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

/*
 * `node scripts/write-wordpress-export.ts FILE [COMMENTS] [ARTICLES]` writes an export as a large WordPress site's would be, the same
 * each time: for a look at how long moving in takes. A third of the comments are replies, of a hundred one waits and one is trash.
 */

const [, , file, comments = '1000000', articles = '20000'] = process.argv
if (file === undefined) throw new Error('Name the file to write.')

const words =
  'le la presse journal article print paper reader editor opinion <em>vraiment</em> bon mauvais d&rsquo;accord pourquoi cette page'.split(
    ' ',
  )

function* pieces(): Generator<string> {
  const perArticle = Math.ceil(Number(comments) / Number(articles))
  let id = 0
  yield `<?xml version="1.0" encoding="UTF-8" ?>\n<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/">\n<channel><title>Site</title><link>https://www.example.org</link>\n`
  for (let article = 1; id < Number(comments); article += 1) {
    yield `<item><title><![CDATA[Article ${article}]]></title><link>https://www.example.org/2019/article-${article}/</link><wp:post_id>${article}</wp:post_id><wp:comment_status><![CDATA[open]]></wp:comment_status><wp:status><![CDATA[publish]]></wp:status>\n`
    const first = id + 1
    for (let count = 0; count < perArticle && id < Number(comments); count += 1) {
      id += 1
      yield commentOf(id, id % 3 === 0 && id > first ? first + ((id * 7) % (id - first)) : 0)
    }
    yield '</item>\n'
  }
  yield '</channel></rss>\n'
}

function commentOf(id: number, parent: number): string {
  const time = new Date(Date.UTC(2009, 0, 1) + id * 431_000).toISOString().slice(0, 19).replace('T', ' ')
  const approved = id % 100 === 1 ? '0' : id % 100 === 2 ? 'trash' : '1'
  const text = Array.from(
    { length: 12 + (id % 40) },
    (_, index) => words[(id * 13 + index * 7) % words.length],
  ).join(' ')
  return `<wp:comment><wp:comment_id>${id}</wp:comment_id><wp:comment_author><![CDATA[Reader ${id % 50_000}]]></wp:comment_author><wp:comment_author_email><![CDATA[reader${id % 50_000}@example.org]]></wp:comment_author_email><wp:comment_author_IP><![CDATA[192.0.2.${id % 250}]]></wp:comment_author_IP><wp:comment_date_gmt><![CDATA[${time}]]></wp:comment_date_gmt><wp:comment_content><![CDATA[${text}\n\n${text.slice(0, 80)}]]></wp:comment_content><wp:comment_approved><![CDATA[${approved}]]></wp:comment_approved><wp:comment_type><![CDATA[comment]]></wp:comment_type><wp:comment_parent>${parent}</wp:comment_parent></wp:comment>\n`
}

await pipeline(pieces, createWriteStream(file))
