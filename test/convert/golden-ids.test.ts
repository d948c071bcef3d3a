import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type FormatName, formatNames } from '../../src/convert/format-names.ts'
import { type Written, writers } from '../support/other-systems.ts'
import { commandAt, folderOf } from '../support/transfers.ts'

/** What each system would have exported of one comment of 2015. */
const comment: Written = {
  number: 7,
  page: 0,
  parent: null,
  state: 'approved',
  name: 'Ada',
  email: 'ada@example.org',
  text: 'A fine article.',
  atMs: Date.parse('2015-05-04T09:30:00Z'),
}

/** Whoever has moved in by one version would have all comments twice by another, were these others. */
const golden: Record<FormatName, string> = {
  disqus: '014d1e42-bdc0-7000-8000-0001eaad8508',
  wordpress: '014d1e42-bdc0-7000-8000-0001d4bc3743',
  isso: '014d1e42-bdc0-7000-8000-0001efbde625',
  remark42: '014d1e42-bdc0-751a-b349-2a758ab71ffd',
  commento: '014d1e42-bdc0-7601-abe6-61412ee2ad5f',
  comentario: '014d1e42-bdc0-7251-ae0d-988b7b8aead1',
  artrans: '014d1e42-bdc0-7000-8000-0001e3037a66',
  waline: '014d1e42-bdc0-7000-8000-0001c50659d5',
  coral: '014d1e42-bdc0-71c5-b770-dba0446247fa',
}

for (const format of formatNames)
  t.test(`${format}: the same comment has the same id in every version`, async (t) => {
    const folder = folderOf(t)
    const files = Object.entries(writers[format].write([comment], folder)).map(([name, content]) => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    })
    const { code, out, err } = await commandAt('file::memory:', ['convert', format, ...files])
    t.equal(code, 0, err)
    const lines = out.split('\n').filter((line) => line.startsWith('{"kind":"comment"'))
    t.same(
      lines.map((line) => JSON.parse(line).id),
      [golden[format]],
    )
  })
