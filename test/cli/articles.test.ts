import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runCommand } from '../../src/cli/command.ts'
import { openStore } from '../../src/store/open-store.ts'
import { someComment } from '../support/comments.ts'
import { testTerminal } from '../support/process.ts'

async function given(t: Test, ...articleIds: string[]) {
  const folder = t.testdir()
  const location = { dialect: 'sqlite', file: join(folder, 'imprimatur.db') } as const
  const store = await openStore(location)
  t.teardown(() => store.close())
  for (const articleId of articleIds)
    await store.submit({ comment: someComment({ articleId }), idempotency: null, maxPending: 0 })
  const move = async (map: string, input = '') => {
    const stdin = (async function* () {
      yield Buffer.from(input)
    })()
    const terminal = { ...testTerminal({ DATABASE_URL: `file:${location.file}` }), stdin }
    const code = await runCommand(['articles', 'move', '--map', map], terminal)
    return { code, err: terminal.err() }
  }
  return { folder, store, move }
}

t.test('articles are moved as a file says, while the database is in use', async (t) => {
  const { store, move } = await given(t, 'a', 'b', 'c, with a comma')
  const map = '# old\tnew\r\na\tone\r\n\nb\tone\nc, with a comma\tthree'
  t.same(await move('-', map), { code: 0, err: 'Moved 3 articles.\n' })
  for (const [id, answers] of Object.entries({ a: 'one', b: 'one', 'c, with a comma': 'three' }))
    t.equal((await store.findArticle(id))?.articleId, answers)
  t.same(await move('-', map), { code: 0, err: 'Moved 0 articles. 3 had been moved before.\n' })
})

t.test('what cannot be moved is told by its line, and holds nothing else up', async (t) => {
  const { store, move } = await given(t, 'a', 'b')
  await move('-', 'b\telsewhere')
  t.same(await move('-', 'nowhere\tx\nb\ty\na\tz'), {
    code: 1,
    err: 'Moved 1 article.\nThese were not moved:\nLine 1, nowhere: Nobody has told of this article, nor commented on it.\nLine 2, b: This id was moved before, to elsewhere. Move that one.\n',
  })
  t.equal((await store.findArticle('a'))?.articleId, 'z')
})

t.test('a file with a wrong line moves nothing', async (t) => {
  const { store, move } = await given(t, 'a')
  t.same(await move('-', 'a\tb\na b\nx\ty\tz\n\tq\na\t'), {
    code: 1,
    err: [
      'Nothing was moved. These lines are wrong:',
      ...[2, 3, 4, 5].map((line) => `Line ${line} is not an old id, a tab and a new id.`),
      '',
    ].join('\n'),
  })
  t.match(await move('-', 'x\n'.repeat(30)), { code: 1, err: /And 10 more\.\n$/ })
  t.equal((await store.findArticle('a'))?.articleId, 'a')
})

t.test('a file that cannot be read is said so', async (t) => {
  const { folder, move } = await given(t)
  t.match(await move(join(folder, 'nothing')), { code: 1, err: /^There is no file .*nothing\.\n$/ })
  t.match(await move(join(folder, 'imprimatur.db')), {
    code: 1,
    err: /imprimatur\.db is no text in UTF-8\.\n$/,
  })
})
