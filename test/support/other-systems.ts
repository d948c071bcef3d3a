import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { FormatName } from '../../src/convert/format-names.ts'

/*
 * The same comments as each of the systems would have exported them: what differs between the systems is which states they know,
 * and whether they keep addresses.
 */

export type State = 'approved' | 'pending' | 'rejected' | 'spam' | 'deleted'

export type Written = {
  /** Its place among all; ids of the source are made of it. */
  number: number
  page: number
  /** The number of another comment, of the same page or not, or of none that is there. */
  parent: number | null
  state: State
  name: string
  email: string | null
  text: string
  /** In whole seconds. */
  atMs: number
}

export type Writer = {
  states: readonly State[]
  keepsEmails: boolean
  keepsTitles: boolean
  write: (comments: readonly Written[], folder: string) => Record<string, string | Buffer>
}

const origin = 'https://www.example.org'
export const pathOf = (page: number): string => `/page-${page}/`
export const titleOf = (page: number): string => `Page ${page}`
const urlOf = (page: number): string => origin + pathOf(page)
const pagesOf = (comments: readonly Written[]): number[] => [...new Set(comments.map(({ page }) => page))]
const isoOf = (ms: number): string => new Date(ms).toISOString()
const sqlOf = (ms: number): string => isoOf(ms).slice(0, 19).replace('T', ' ')
const xmlOf = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const htmlOf = (text: string): string => `<p>${xmlOf(text).replaceAll('\n', '<br />')}</p>`
const cdata = (text: string): string => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
const hexOf = (number: number): string => number.toString(16).padStart(64, 'a')
const uuidOf = (number: number): string => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`

export const writers: Record<FormatName, Writer> = {
  disqus: {
    states: ['approved', 'spam', 'deleted'],
    keepsEmails: true,
    keepsTitles: true,
    write: (comments) => ({
      'disqus.xml': `<?xml version="1.0" encoding="utf-8"?><disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">${pagesOf(
        comments,
      )
        .map(
          (page) =>
            `<thread dsq:id="${page + 1}"><id/><link>${urlOf(page)}</link><title>${titleOf(page)}</title></thread>`,
        )
        .join('')}${comments
        .map(
          ({ number, page, parent, state, name, email, text, atMs }) =>
            `<post dsq:id="${number}"><message>${cdata(htmlOf(text))}</message><createdAt>${isoOf(atMs)}</createdAt><isDeleted>${state === 'deleted'}</isDeleted><isSpam>${state === 'spam'}</isSpam><author>${email === null ? '' : `<email>${xmlOf(email)}</email>`}<name>${xmlOf(name)}</name></author><thread dsq:id="${page + 1}"/>${parent === null ? '' : `<parent dsq:id="${parent}"/>`}</post>`,
        )
        .join('')}</disqus>`,
    }),
  },
  wordpress: {
    states: ['approved', 'pending', 'spam', 'deleted'],
    keepsEmails: true,
    keepsTitles: true,
    write: (comments) => ({
      'wordpress.xml': `<?xml version="1.0" encoding="UTF-8" ?><rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel><link>${origin}</link>${pagesOf(
        comments,
      )
        .map(
          (page) =>
            `<item><title>${cdata(titleOf(page))}</title><link>${urlOf(page)}</link><wp:post_id>${page + 1}</wp:post_id><wp:status>publish</wp:status>${comments
              .filter((one) => one.page === page)
              .map(
                ({ number, parent, state, name, email, text, atMs }) =>
                  `<wp:comment><wp:comment_id>${number}</wp:comment_id><wp:comment_author>${cdata(xmlOf(name))}</wp:comment_author><wp:comment_author_email>${cdata(email ?? '')}</wp:comment_author_email><wp:comment_date_gmt>${sqlOf(atMs)}</wp:comment_date_gmt><wp:comment_content>${cdata(xmlOf(text))}</wp:comment_content><wp:comment_approved>${{ approved: '1', pending: '0', spam: 'spam', deleted: 'trash', rejected: '' }[state]}</wp:comment_approved><wp:comment_type>comment</wp:comment_type><wp:comment_parent>${parent ?? 0}</wp:comment_parent></wp:comment>`,
              )
              .join('')}</item>`,
        )
        .join('')}</channel></rss>`,
    }),
  },
  isso: {
    states: ['approved', 'pending', 'deleted'],
    keepsEmails: true,
    keepsTitles: true,
    write(comments, folder) {
      const file = join(folder, 'written.db')
      const database = new SqliteDatabase(file)
      database.exec(`
        CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
        CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL,
          modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR, author VARCHAR, email VARCHAR, website VARCHAR,
          likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL, notification INTEGER DEFAULT 0);
        PRAGMA user_version = 5;`)
      const thread = database.prepare('INSERT INTO threads VALUES (?, ?, ?)')
      for (const page of pagesOf(comments)) thread.run(page + 1, pathOf(page), titleOf(page))
      const comment = database.prepare(
        "INSERT INTO comments (tid, id, parent, created, mode, remote_addr, text, author, email, voters) VALUES (?, ?, ?, ?, ?, '192.0.2.0', ?, ?, ?, '')",
      )
      for (const { number, page, parent, state, name, email, text, atMs } of comments)
        comment.run(
          page + 1,
          number,
          parent,
          atMs / 1_000,
          { approved: 1, pending: 2, deleted: 4, rejected: 0, spam: 0 }[state],
          state === 'deleted' ? '' : text,
          state === 'deleted' ? null : name,
          email,
        )
      const content = database.serialize()
      database.close()
      return { 'isso.db': content }
    },
  },
  remark42: {
    states: ['approved', 'deleted'],
    keepsEmails: false,
    keepsTitles: true,
    write: (comments) => ({
      'remark42.ndjson': [
        { version: 1, users: [], posts: [] },
        ...comments.map(({ number, page, parent, state, name, text, atMs }) => ({
          id: uuidOf(number),
          pid: parent === null ? '' : uuidOf(parent),
          text: state === 'deleted' ? '' : htmlOf(text),
          orig: state === 'deleted' ? '' : text,
          user: { name, id: `github_${number}`, ip: 'hash', picture: '', admin: false },
          locator: { site: 'example', url: urlOf(page) },
          title: titleOf(page),
          score: 0,
          votes: {},
          time: `${isoOf(atMs + 2 * 3_600_000).slice(0, 19)}+02:00`,
          ...(state === 'deleted' && { delete: true }),
        })),
      ]
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    }),
  },
  commento: {
    states: ['approved', 'pending', 'deleted'],
    keepsEmails: true,
    keepsTitles: false,
    write: (comments) => ({
      'commento.json': JSON.stringify({
        version: 1,
        comments: comments.map(({ number, page, parent, state, text, atMs }) => ({
          commentHex: hexOf(number),
          domain: 'www.example.org',
          url: pathOf(page),
          commenterHex: `c${hexOf(number).slice(1)}`,
          markdown: state === 'deleted' ? '[deleted]' : text,
          html: '',
          parentHex: parent === null ? 'root' : hexOf(parent),
          score: 0,
          state: state === 'pending' ? 'unapproved' : 'approved',
          creationDate: isoOf(atMs),
          direction: 0,
          deleted: state === 'deleted',
        })),
        commenters: comments.map(({ number, name, email }) => ({
          commenterHex: `c${hexOf(number).slice(1)}`,
          email: email ?? '',
          name,
          link: 'undefined',
          photo: 'undefined',
          provider: 'commento',
        })),
      }),
    }),
  },
  comentario: {
    states: ['approved', 'pending', 'rejected', 'deleted'],
    keepsEmails: true,
    keepsTitles: true,
    write: (comments) => ({
      'comentario.json': JSON.stringify({
        version: 3,
        pages: pagesOf(comments).map((page) => ({
          id: uuidOf(1_000_000 + page),
          path: pathOf(page),
          title: titleOf(page),
          isReadonly: false,
        })),
        comments: comments.map(({ number, page, parent, state, text, atMs }) => ({
          id: uuidOf(number),
          ...(parent !== null && { parentId: uuidOf(parent) }),
          pageId: uuidOf(1_000_000 + page),
          markdown: state === 'deleted' ? '' : text,
          html: '',
          isApproved: state === 'approved',
          isPending: state === 'pending',
          isDeleted: state === 'deleted',
          isSticky: false,
          createdTime: isoOf(atMs),
          moderatedTime: '0001-01-01T00:00:00.000Z',
          userCreated: uuidOf(2_000_000 + number),
        })),
        commenters: comments.map(({ number, name, email }) => ({
          id: uuidOf(2_000_000 + number),
          name,
          email: email ?? '',
        })),
      }),
    }),
  },
  artrans: {
    states: ['approved', 'pending'],
    keepsEmails: true,
    keepsTitles: true,
    write: (comments) => ({
      'artrans.json': JSON.stringify(
        comments.map(({ number, page, parent, state, name, email, text, atMs }) => ({
          id: String(number),
          rid: parent === null ? '0' : String(parent),
          content: text,
          ua: 'agent',
          ip: '192.0.2.1',
          is_pending: String(state === 'pending'),
          created_at: `${sqlOf(atMs + 8 * 3_600_000)} +0800 +0800`,
          updated_at: '',
          nick: name,
          email: email ?? '',
          link: '',
          page_key: pathOf(page),
          page_title: titleOf(page),
          site_name: 'Example',
          site_urls: origin,
        })),
      ),
    }),
  },
  waline: {
    states: ['approved', 'pending', 'spam'],
    keepsEmails: true,
    keepsTitles: false,
    write: (comments) => ({
      'waline.json': JSON.stringify({
        type: 'waline',
        version: 1,
        time: 0,
        tables: ['Comment', 'Counter', 'Users'],
        data: {
          Comment: comments.map((comment) => ({
            ...walineFields(comment),
            status: comment.state === 'pending' ? 'waiting' : comment.state,
            insertedAt: isoOf(comment.atMs),
          })),
          Counter: [],
          Users: [{ objectId: '1', email: 'admin@example.org', password: '$2a$08$hash', '2fa': 'secret' }],
        },
      }),
    }),
  },
  coral: {
    states: ['approved', 'pending', 'rejected', 'deleted'],
    keepsEmails: true,
    keepsTitles: true,
    write: (comments) => ({
      'comments.json': comments
        .map(({ number, page, parent, state, text, atMs }) =>
          JSON.stringify({
            _id: { $oid: number.toString(16).padStart(24, '0') },
            tenantID: 't',
            id: uuidOf(number),
            parentID: parent === null ? null : uuidOf(parent),
            authorID: uuidOf(2_000_000 + number),
            storyID: uuidOf(1_000_000 + page),
            revisions: state === 'deleted' ? [] : [{ id: 'r', body: htmlOf(text) }],
            status: {
              approved: 'NONE',
              pending: 'PREMOD',
              rejected: 'REJECTED',
              deleted: 'NONE',
              spam: 'NONE',
            }[state],
            createdAt: { $date: isoOf(atMs) },
            ...(state === 'deleted' && { deletedAt: { $date: isoOf(atMs) } }),
            tags: [],
          }),
        )
        .join('\n'),
      'users.json': comments
        .map(({ number, name, email }) =>
          JSON.stringify({
            tenantID: 't',
            id: uuidOf(2_000_000 + number),
            username: name,
            email,
            profiles: [{ type: 'local', password: 'hash' }],
          }),
        )
        .join('\n'),
      'stories.json': pagesOf(comments)
        .map((page) =>
          JSON.stringify({
            tenantID: 't',
            id: uuidOf(1_000_000 + page),
            url: urlOf(page),
            metadata: { title: titleOf(page) },
            commentCounts: {},
          }),
        )
        .join('\n'),
    }),
  },
}

/** What a format may look like besides: the same system's other files, or another version's. */
export const furtherWriters: Record<string, Writer & { format: FormatName }> = {
  'Comentario 1': {
    ...writers.commento,
    format: 'commento',
    write(comments, folder) {
      const [[, content = ''] = []] = Object.entries(writers.commento.write(comments, folder))
      const { comments: all, ...rest } = JSON.parse(String(content))
      const renamed = all.map(({ domain, url, ...comment }: { domain: string; url: string }) => ({
        ...comment,
        host: domain,
        path: url,
      }))
      return { 'comentario.json': JSON.stringify({ ...rest, comments: renamed }) }
    },
  },
  'LeanCloud, a list of results': leanCloud((rows) => JSON.stringify({ results: rows })),
  'LeanCloud, a line each': leanCloud((rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')),
  'Coral, tables': {
    format: 'coral',
    states: ['approved', 'pending', 'rejected'],
    keepsEmails: true,
    keepsTitles: true,
    write: (comments) => ({
      'comments.csv': comments
        .map(({ number, page, parent, state, text, atMs }) =>
          csvOf([
            uuidOf(number),
            uuidOf(2_000_000 + number),
            uuidOf(1_000_000 + page),
            isoOf(atMs),
            htmlOf(text),
            parent === null ? '' : uuidOf(parent),
            { approved: 'APPROVED', pending: 'PREMOD', rejected: 'REJECTED', deleted: '', spam: '' }[state],
            '',
          ]),
        )
        .join(''),
      'users.csv': comments
        .map(({ number, name, email }) => csvOf([uuidOf(2_000_000 + number), email ?? '', name, '', '', '']))
        .join(''),
      'stories.csv': pagesOf(comments)
        .map((page) => csvOf([uuidOf(1_000_000 + page), urlOf(page), titleOf(page), '', '', '', '']))
        .join(''),
    }),
  },
}

/** Valine's class of comments: what no access list hides is public. */
function leanCloud(fileOf: (rows: readonly object[]) => string): Writer & { format: FormatName } {
  return {
    format: 'waline',
    states: ['approved', 'pending'],
    keepsEmails: true,
    keepsTitles: false,
    write: (comments) => ({
      'leancloud.json': fileOf(
        comments.map((comment) => ({
          ...walineFields(comment),
          ACL: { '*': { read: comment.state === 'approved' } },
          insertedAt: { __type: 'Date', iso: isoOf(comment.atMs) },
          createdAt: isoOf(comment.atMs + 1_000),
        })),
      ),
    }),
  }
}

/** What Valine's class of comments and Waline's table have in common. */
function walineFields({ number, page, parent, name, email, text }: Written): object {
  return {
    objectId: String(number),
    ...(parent !== null && { pid: String(parent), rid: String(parent) }),
    nick: name,
    mail: email ?? '',
    link: '',
    comment: text,
    ip: '192.0.2.1',
    ua: 'agent',
    url: pathOf(page),
  }
}

function csvOf(cells: readonly string[]): string {
  return `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\r\n`
}
