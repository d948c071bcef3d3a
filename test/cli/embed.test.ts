import { createHash } from 'node:crypto'
import t from 'tap'
import { runCommand } from '../../src/cli/command.ts'
import { startApp } from '../support/app.ts'
import { testTerminal } from '../support/process.ts'

async function embed(args: readonly string[] = [], env: Record<string, string> = {}) {
  const terminal = testTerminal(env)
  const code = await runCommand(['embed', ...args], terminal)
  return { code, out: terminal.out(), err: terminal.err() }
}

t.test('prints tags whose files the service has, kept for ever, with these very bytes', async (t) => {
  const { app } = await startApp(t)
  const { code, out, err } = await embed(['--url', 'https://comments.example.org/'])
  t.match({ code, err }, { code: 0, err: '' })
  const tags = [...out.matchAll(/(?:src|href)="(\S+?)" integrity="sha384-(\S+)" crossorigin="anonymous"/g)]
  t.same(
    tags.map(([, address = '']) =>
      address.replace(/^https:\/\/comments\.example\.org\/embed\/(\w+)-[0-9a-f]{10}/, '$1'),
    ),
    ['comments.css', 'comments.js', 'count.js'],
  )
  for (const [, address = '', hash] of tags) {
    const file = await app.inject({
      url: new URL(address).pathname,
      headers: { origin: 'https://example.org' },
    })
    t.equal(file.statusCode, 200, address)
    t.equal(createHash('sha384').update(file.rawPayload).digest('base64'), hash)
    t.match(file.headers, {
      'cache-control': /immutable/,
      // Without it, a browser lets nobody check the bytes of another origin.
      'access-control-allow-origin': '*',
    })
  }
  t.match(out, '<imprimatur-comments article="ARTICLE-ID"></imprimatur-comments>')
  t.match(out, '<imprimatur-count article="ARTICLE-ID">')
  t.match(out, '<noscript><a href="https://comments.example.org/thread/ARTICLE-ID">')
})

t.test('prints what a content policy has to allow, below a path too', async (t) => {
  const names = ['script-src', 'style-src', 'connect-src', 'form-action']
  const { out } = await embed(['--url', 'https://comments.example.org'])
  for (const name of names) t.match(out, new RegExp(`^${name} https://comments\\.example\\.org$`, 'm'))
  const below = await embed(['--url', 'https://www.example.org/comments'])
  for (const name of names)
    t.match(below.out, new RegExp(`^${name} https://www\\.example\\.org/comments/$`, 'm'))
})

t.test('without --url it is for PUBLIC_URL, or else for this machine, and says so', async (t) => {
  const set = await embed([], { PUBLIC_URL: 'https://c.example.org' })
  t.match(set, { code: 0, out: 'src="https://c.example.org/embed/comments-', err: '' })
  const unset = await embed([], { PORT: '3001' })
  t.match(unset, { code: 0, out: 'src="http://127.0.0.1:3001/embed/comments-', err: /PUBLIC_URL/ })
  t.match((await embed([], { PORT: '0' })).out, 'http://127.0.0.1:3000/')
})

t.test('takes nothing that would be no address, or more than one', async (t) => {
  for (const url of [
    'comments.example.org',
    'ftp://example.org',
    'https://example.org/?a',
    'https://example.org/#a',
    'https://me@example.org',
    '',
  ])
    t.match(await embed(['--url', url]), { code: 1, out: '', err: /such as https:/ }, url)
  const quoted = await embed(['--url', 'https://example.org/"><b>'])
  t.notMatch(quoted.out, '<b>')
})
