import fastify, { type InjectOptions, type LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { readConfig } from '../../../src/config.ts'
import { createLimits, limitMaxima } from '../../../src/http/limits/limits.ts'
import { startApp, submission, type TestApp, wrongToken } from '../../support/app.ts'
import { inHousehold, ofHousehold } from '../../support/networks.ts'
import { equalProblem } from '../../support/routes.ts'
import { closedWith, emptyStore } from '../../support/store.ts'

const submit = { method: 'POST', url: '/v1/articles/a/comments', payload: submission } as const
const read = { url: '/v1/articles/a/comments' } as const

t.test('submissions are counted by client', async (t) => {
  const { call } = await startApp(t, { submissionsPerMinute: 2 })
  const from = (remoteAddress: string, more: InjectOptions = {}) =>
    call({ ...submit, remoteAddress, ...more })
  const first = await from('192.0.2.1')
  t.equal(first.statusCode, 202)
  t.match(first.headers, {
    'ratelimit-policy': '"submissions";q=2;w=60',
    ratelimit: /^"submissions";r=1;t=(?:60|5\d)$/,
  })
  t.equal((await from('192.0.2.1')).statusCode, 202)
  const third = await from('192.0.2.1')
  equalProblem(t, third, 429, 'too-many-requests')
  t.match(third.json().detail, /^The limit is 2 a minute \(submissions\)\. Try again in \d+ seconds\.$/)
  t.equal((await from('192.0.2.2')).statusCode, 202, 'another client')
  t.equal((await call({ ...read, remoteAddress: '192.0.2.1' })).statusCode, 200, 'reading is not submitting')
})

/** One of each kind; none of them is written. */
async function refusedSubmissions({ call, submit: submitted }: TestApp): Promise<[number, InjectOptions][]> {
  const headers = { 'content-type': 'application/json' }
  const key = { 'idempotency-key': 'known' }
  await call({ ...submit, headers: key })
  const { id } = await submitted('a')
  return [
    [400, { ...submit, payload: {} }],
    [400, { ...submit, headers, payload: '{' }],
    [400, { ...submit, url: `${submit.url}?page=1` }],
    [413, { ...submit, headers, payload: ' '.repeat(70_000) }],
    [415, { ...submit, headers: { 'content-type': 'text/plain' }, payload: 'x' }],
    [422, { ...submit, payload: { ...submission, parentId: id } }],
    [422, { ...submit, headers: key, payload: { ...submission, body: 'Another.' } }],
  ]
}

t.test('what is refused uses up nothing of what a reader may submit, nor of the total', async (t) => {
  const app = await startApp(t)
  const requests = await refusedSubmissions(app)
  const { call } = await startApp(t, {
    store: { ...app.store, close: async () => {} },
    submissionsPerMinute: 1,
    submissionsPerMinuteTotal: 1,
    refusedSubmissionsPerMinute: 10,
  })
  for (const [index, [status, request]] of requests.entries()) {
    const response = await call(request)
    t.equal(response.statusCode, status, response.body)
    t.match(response.headers, {
      'ratelimit-policy': '"refused-submissions";q=10;w=60',
      ratelimit: new RegExp(`^"refused-submissions";r=${9 - index};t=\\d+$`),
    })
  }
  const replayed = await call({ ...submit, headers: { 'idempotency-key': 'known' } })
  t.equal(replayed.statusCode, 202)
  t.notOk('ratelimit' in replayed.headers, 'the first answer again is nothing new')
  t.match((await call(submit)).headers, {
    ratelimit: /^"submissions";r=0;t=(?:60|5\d), "submissions-total";r=0;t=(?:60|5\d)$/,
  })
})

t.test('refused submissions have a bound of their own, past which nothing is read any more', async (t) => {
  const { call } = await startApp(t, { submissionsPerMinute: 1, refusedSubmissionsPerMinute: 3 })
  const from = (remoteAddress: string, payload: object = {}) => call({ ...submit, remoteAddress, payload })
  t.equal((await from('192.0.2.1')).statusCode, 400)
  t.equal((await from('192.0.2.1')).statusCode, 400)
  t.equal((await from('192.0.2.1', submission)).statusCode, 202)
  const one = await from('192.0.2.1', submission)
  t.match(one.json().detail, /\(submissions\)/, 'one too many is refused, too')
  const beyond = await from('192.0.2.1')
  equalProblem(t, beyond, 429, 'too-many-requests')
  t.match(beyond.json().detail, /^The limit is 3 a minute \(refused-submissions\)/)
  t.match(beyond.headers, {
    'ratelimit-policy': '"refused-submissions";q=3;w=60',
    ratelimit: /^"refused-submissions";r=0;t=\d+$/,
    'retry-after': /^\d+$/,
  })
  t.equal((await from('192.0.2.2')).statusCode, 400, 'another client')
  t.equal((await from('192.0.2.2', submission)).statusCode, 202)
})

t.test('no network of IPv6 uses up the total', async (t) => {
  const perMinute = { submissionsPerMinute: 2, submissionsPerMinuteTotal: 100 }
  const { call } = await startApp(t, perMinute)
  const from = (remoteAddress: string) => call({ ...submit, remoteAddress })
  const taken = async (addresses: string[]) => {
    const responses: LightMyRequestResponse[] = []
    for (const address of addresses) responses.push(await from(address))
    return responses.filter(({ statusCode }) => statusCode === 202).length
  }
  const twice = (address: string) => [address, address]
  const household = Array.from({ length: 101 }, (_, link) => inHousehold(link))
  const network = Array.from({ length: 101 }, (_, house) => ofHousehold(house))

  t.equal(await taken(household.flatMap(twice)), 10, 'five times as many for a /56')
  t.match((await from('2001:db8:1:1ff::1')).json().detail, /\(submissions-ipv6-56\)/)
  t.equal(
    await taken(network.flatMap(twice)),
    40,
    'twenty times as many for a /48, and at most half of the total',
  )
  t.match((await from('2001:db8:2:ffff::1')).json().detail, /\(submissions-ipv6-48\)/)
  const neighbour = await from('2001:db8:1:2200::1')
  t.equal(neighbour.statusCode, 202, 'another household of the same /48')
  t.match(neighbour.headers, {
    ratelimit:
      /^"submissions";r=1;t=60, "submissions-ipv6-56";r=9;t=60, "submissions-ipv6-48";r=29;t=\d+, "submissions-total";r=29;t=\d+$/,
  })
  t.equal((await from('192.0.2.1')).statusCode, 202)
  t.notMatch((await from('192.0.2.1')).headers.ratelimit, 'ipv6', 'IPv4 addresses have no such networks')
})

t.test('a household that sends what is refused silences nobody', async (t) => {
  const app = await startApp(t, {
    submissionsPerMinute: 6,
    submissionsPerMinuteTotal: 600,
    refusedSubmissionsPerMinute: 30,
  })
  const statuses = new Set<number>()
  for (let count = 0; count < 606; count++) {
    const remoteAddress = inHousehold(count % 101)
    statuses.add((await app.call({ ...submit, payload: {}, remoteAddress })).statusCode)
  }
  t.same([...statuses], [400])
  t.equal((await app.call(submit)).statusCode, 202)
  const site = await app.token('submit')
  t.equal(
    (await app.call({ ...submit, headers: { ...site, forwarded: 'for=198.51.100.1' } })).statusCode,
    202,
  )
})

t.test('anonymous submissions leave those that a site vouches for their share', async (t) => {
  const { call, token } = await startApp(t, { submissionsPerMinuteTotal: 10 })
  const site = await token('submit')
  let client = 0
  const anonymous = async () => {
    client += 1
    return (await call({ ...submit, remoteAddress: `192.0.2.${client}` })).statusCode
  }
  const vouchedFor = () => call({ ...submit, headers: site })
  const several = async (count: number, send: () => Promise<number>) => {
    const statuses: number[] = []
    for (let index = 0; index < count; index++) statuses.push(await send())
    return statuses
  }
  t.same(await several(9, anonymous), [...Array(8).fill(202), 429])
  t.match((await vouchedFor()).headers, { ratelimit: /^"submissions-vouched";r=1;t=(?:60|5\d)$/ })
  t.equal((await vouchedFor()).statusCode, 202)
  const beyond = await vouchedFor()
  equalProblem(t, beyond, 429, 'too-many-requests')
  t.match(beyond.json().detail, /^The limit is 8 a minute \(submissions-total\)/)
})

t.test('what a site vouches for may use up all, its own share first', async (t) => {
  const { call, token } = await startApp(t, { submissionsPerMinuteTotal: 10 })
  const headers = await token('submit')
  const statuses: number[] = []
  for (let count = 0; count < 11; count++) statuses.push((await call({ ...submit, headers })).statusCode)
  t.same(statuses, [...Array(10).fill(202), 429])
  t.equal((await call(submit)).statusCode, 429)
})

t.test('the maxima: networks are bounded by the total as well, and 0 is no limit', (t) => {
  const settings = {
    submissionsPerMinute: 6,
    submissionsPerMinuteTotal: 600,
    refusedSubmissionsPerMinute: 30,
    readsPerMinute: 600,
    failedSignInsPerMinute: 10,
    unknownPathsPerMinute: 60,
  }
  const ofNetworks = (more: Partial<typeof settings>) => {
    const maxima = limitMaxima({ ...settings, ...more })
    return [maxima['submissions-ipv6-56'], maxima['submissions-ipv6-48']]
  }
  t.match(limitMaxima(settings), { 'submissions-total': 480, 'submissions-vouched': 120 })
  t.same(ofNetworks({}), [30, 120])
  t.same(ofNetworks({ submissionsPerMinute: 600 }), [120, 240])
  t.same(ofNetworks({ submissionsPerMinuteTotal: 1 }), [1, 1])
  t.same(ofNetworks({ submissionsPerMinuteTotal: 0 }), [30, 120])
  t.same(ofNetworks({ submissionsPerMinute: 0 }), [0, 0])
  t.end()
})

t.test('submissions are counted in total, and who is over the own limit uses up nothing of it', async (t) => {
  const { call } = await startApp(t, { submissionsPerMinute: 1, submissionsPerMinuteTotal: 3 })
  const from = (remoteAddress: string) => call({ ...submit, remoteAddress })
  const first = await from('192.0.2.1')
  t.match(first.headers, {
    'ratelimit-policy': '"submissions";q=1;w=60, "submissions-total";q=3;w=60',
    ratelimit: /^"submissions";r=0;t=(?:60|5\d), "submissions-total";r=2;t=(?:60|5\d)$/,
  })
  for (let count = 0; count < 5; count++) {
    const again = await from('192.0.2.1')
    equalProblem(t, again, 429, 'too-many-requests')
    t.equal(again.headers['ratelimit-policy'], '"submissions";q=1;w=60')
  }
  t.equal((await from('192.0.2.2')).statusCode, 202)
  t.equal((await from('192.0.2.3')).statusCode, 202)
  const beyond = await from('192.0.2.4')
  equalProblem(t, beyond, 429, 'too-many-requests')
  t.match(beyond.headers, {
    'ratelimit-policy': '"submissions-total";q=3;w=60',
    ratelimit: /^"submissions-total";r=0;t=\d+$/,
    'retry-after': /^\d+$/,
  })
})

t.test('reads are counted by client, over all that can be read', async (t) => {
  const { call, submit } = await startApp(t, { readsPerMinute: 5 })
  const { id, receipt } = await submit('a')
  const headers = { authorization: `Bearer ${receipt}` }
  const reads: InjectOptions[] = [
    { url: '/v1/articles/a/comments' },
    { url: '/v1/counts?articleId=a' },
    { url: `/v1/comments/${id}`, headers },
    { method: 'HEAD', url: '/openapi.json' },
    { method: 'DELETE', url: `/v1/comments/${id}`, headers },
  ]
  for (const [index, request] of reads.entries()) {
    const response = await call(request)
    t.equal(response.statusCode, 200, String(request.url))
    t.match(response.headers, {
      'ratelimit-policy': '"reads";q=5;w=60',
      ratelimit: new RegExp(`^"reads";r=${4 - index};t=\\d+$`),
    })
  }
  for (const request of reads) {
    const response = await call(request)
    t.equal(response.statusCode, 429, String(request.url))
    t.equal((await call({ ...request, remoteAddress: '192.0.2.9' })).statusCode, 200)
  }
})

t.test('a new minute is a new start', async (t) => {
  let nowMs = 1_000
  const { call } = await startApp(t, { readsPerMinute: 1, elapsedMs: () => nowMs })
  t.equal((await call(read)).statusCode, 200)
  nowMs += 20_500
  const refused = await call(read)
  equalProblem(t, refused, 429, 'too-many-requests')
  t.equal(refused.headers['retry-after'], '40', 'rounded up')
  nowMs += 39_499
  equalProblem(t, await call(read), 429, 'too-many-requests')
  nowMs += 1
  t.equal((await call(read)).statusCode, 200)
})

t.test('a clock that is set, back or forth, neither closes the site nor opens it', async (t) => {
  let nowMs = 1_000
  let wallMs = Date.now()
  const clock = () => wallMs
  t.intercept(Date, 'now', { value: clock })
  const limits = { submissionsPerMinute: 1, readsPerMinute: 1, refusedSubmissionsPerMinute: 1 }
  // What replicas share goes by their database's clock, which no test can set: test/replicas has that.
  const store = await emptyStore(t, 'sqlite')
  const { call } = await startApp(t, { ...limits, store, clock, elapsedMs: () => nowMs })
  const calls = [submit, read, { ...submit, payload: {}, remoteAddress: '192.0.2.9' }]
  const statuses = async () => (await Promise.all(calls.map(call))).map(({ statusCode }) => statusCode)
  t.same(await statuses(), [202, 200, 400])
  for (const setByMs of [-3_600_000, -86_400_000, 2 * 86_400_000]) {
    wallMs += setByMs
    for (const request of calls) {
      const refused = await call(request)
      equalProblem(t, refused, 429, 'too-many-requests')
      t.equal(refused.headers['retry-after'], '60')
    }
    nowMs += 60_000
    t.same(await statuses(), [202, 200, 400], 'after a minute, whatever the clock says')
  }
})

t.test('0 is no limit, and then no header promises one', async (t) => {
  const { call, submit } = await startApp(t)
  for (let count = 0; count < 100; count++) await submit('a')
  const { headers } = await call(read)
  t.notOk('ratelimit' in headers)
  t.notOk('ratelimit-policy' in headers)
})

t.test('what is private or says whether it lives is not counted', async (t) => {
  const { call, token } = await startApp(t, { readsPerMinute: 1 })
  const headers = await token('moderate', 'admin')
  for (const url of ['/livez', '/readyz', '/metrics', '/v1/moderation/comments']) {
    for (let count = 0; count < 3; count++) t.equal((await call({ url, headers })).statusCode, 200, url)
  }
})

t.test('an IPv6 client is its /64, an IPv4 one its address however it is written', async (t) => {
  const { call } = await startApp(t, { readsPerMinute: 1 })
  const from = async (remoteAddress: string) => (await call({ ...read, remoteAddress })).statusCode
  t.equal(await from('2001:db8:0:1::1'), 200)
  t.equal(await from('2001:db8:0:1:ffff:ffff:ffff:ffff'), 429)
  t.equal(await from('2001:0DB8:0000:0001::2'), 429)
  t.equal(await from('2001:db8:0:2::1'), 200)
  t.equal(await from('192.0.2.1'), 200)
  t.equal(await from('::ffff:192.0.2.1'), 429)
  t.equal(await from('::ffff:c000:0201'), 429)
  t.equal(await from('::ffff:192.0.2.2'), 200)
})

t.test('X-Forwarded-For is believed from the listed proxies, and from nobody else', async (t) => {
  const { call } = await startApp(t, { readsPerMinute: 1, trustProxy: ['10.0.0.0/8', '2001:db8::1'] })
  const from = async (remoteAddress: string, xForwardedFor: string) =>
    (await call({ ...read, remoteAddress, headers: { 'x-forwarded-for': xForwardedFor } })).statusCode

  t.equal(await from('10.0.0.1', '198.51.100.1'), 200)
  t.equal(await from('10.9.9.9', '198.51.100.1'), 429, 'the same reader by another proxy')
  t.equal(await from('2001:db8::1', '198.51.100.1'), 429)
  t.equal(
    await from('10.0.0.1', '203.0.113.1, 198.51.100.1'),
    429,
    'what a reader adds in front is not believed',
  )
  t.equal(await from('10.0.0.1', '198.51.100.1, 10.0.0.2'), 429, 'two proxies in a row')
  t.equal(await from('10.0.0.1', '198.51.100.1:4711'), 429, 'a port makes no other reader')
  t.equal(await from('10.0.0.1', '198.51.100.2'), 200)
  t.equal(await from('10.0.0.1', '[2001:db8:7::1]:4711'), 200)
  t.equal(await from('10.0.0.1', '2001:db8:7::2'), 429, 'the same /64')

  t.equal(await from('192.0.2.1', '198.51.100.3'), 200)
  t.equal(
    await from('192.0.2.1', '198.51.100.4'),
    429,
    'no proxy of ours: it is the address itself that counts',
  )
  t.equal(await from('11.0.0.1', '198.51.100.3'), 200)
})

t.test('a trusted hop is known with its port, and however its address is written', async (t) => {
  const { call, token } = await startApp(t, {
    readsPerMinute: 1,
    trustProxy: ['10.0.0.0/8', '::ffff:172.16.0.0/108', '::ffff:192.168.0.1', '2001:db8::/64'],
  })
  const from = async (xForwardedFor: string, headers = {}) =>
    (
      await call({
        ...read,
        remoteAddress: '10.0.0.1',
        headers: { ...headers, 'x-forwarded-for': xForwardedFor },
      })
    ).statusCode
  t.equal(await from('203.0.113.1, 10.1.1.1'), 200)
  for (const hop of [
    '10.1.1.1:4444',
    '[::ffff:10.1.1.1]:4444',
    '::ffff:10.1.1.1',
    '172.17.0.1:4444',
    '192.168.0.1:1',
    '[2001:db8::9]:4444',
  ]) {
    t.equal(await from(`203.0.113.1, ${hop}`), 429, hop)
    t.equal(await from(`203.0.113.1:9, ${hop}, 10.1.1.1:5`), 429, hop)
  }
  t.equal(await from('203.0.113.2, 10.1.1.1:4444'), 200, 'another reader')
  const site = await token('submit')
  t.equal(await from('203.0.113.3, 198.51.100.9, 10.1.1.1:4444', site), 200)
  t.equal(await from('203.0.113.3:80, 198.51.100.9:80, 10.1.1.1:4444', site), 429, 'vouched for by a site')
  t.equal(await from('203.0.113.4, 11.1.1.1:4444'), 200)
  t.equal(await from('203.0.113.5, 11.1.1.1:4444'), 429, 'no proxy of ours')
})

t.test('whatever TRUST_PROXY takes, the service starts with', async (t) => {
  const addresses = ['10.0.0.1', '::1', '::ffff:10.0.0.1', '::1.2.3.4', '64:ff9b::1.2.3.4', '0.0.0.0', '::']
  const bits = [
    '',
    ...[0, 1, 8, 31, 32, 33, 95, 96, 97, 127, 128, 129].map((count) => `/${count}`),
    '/08',
    '/',
  ]
  const store = closedWith(t, await emptyStore(t))
  for (const value of addresses.flatMap((address) => bits.map((end) => address + end))) {
    const result = readConfig({ TRUST_PROXY: value })
    if (!result.ok) continue
    const { call } = await startApp(t, { store, trustProxy: result.config.trustProxy })
    t.equal((await call({ ...read, headers: { 'x-forwarded-for': '192.0.2.1' } })).statusCode, 200, value)
  }
})

t.test('without TRUST_PROXY no header tells who a client is', async (t) => {
  const { call } = await startApp(t, { readsPerMinute: 1 })
  const from = async (headers: Record<string, string>) => (await call({ ...read, headers })).statusCode
  t.equal(await from({ 'x-forwarded-for': '198.51.100.1' }), 200)
  t.equal(await from({ 'x-forwarded-for': '198.51.100.2' }), 429)
  t.equal(await from({ forwarded: 'for=198.51.100.3' }), 429)
  t.equal(await from({ 'x-real-ip': '198.51.100.4' }), 429)
})

t.test('what a proxy tells in place of an address counts as one client', async (t) => {
  const { call } = await startApp(t, { readsPerMinute: 1, trustProxy: ['127.0.0.1'] })
  const from = async (xForwardedFor: string) =>
    (await call({ ...read, headers: { 'x-forwarded-for': xForwardedFor } })).statusCode
  t.equal(await from('unknown'), 200)
  t.equal(await from('UNKNOWN'), 429)
  t.equal(await from('<script>'), 200)
})

t.test(
  "a site's server is not counted as one reader: its readers are, by the address that it passes",
  async (t) => {
    const { call, token } = await startApp(t, { submissionsPerMinute: 1 })
    const site = await token('submit')
    const from = async (headers: Record<string, string>) =>
      (await call({ ...submit, headers: { ...site, ...headers } })).statusCode

    t.equal(await from({ forwarded: 'for=198.51.100.1' }), 202)
    t.equal(await from({ forwarded: 'for=198.51.100.1' }), 429)
    t.equal(await from({ forwarded: 'For="198.51.100.1:4711";proto=https;by=203.0.113.43' }), 429)
    t.equal(
      await from({ forwarded: 'for=192.0.2.7, for=198.51.100.1' }),
      429,
      'the last one is what the site saw',
    )
    t.equal(await from({ 'x-forwarded-for': '198.51.100.1' }), 429, 'the same reader by the other header')
    t.equal(await from({ 'x-forwarded-for': '192.0.2.7, 198.51.100.1' }), 429)
    t.equal(await from({ forwarded: 'for=198.51.100.2' }), 202)
    t.equal(await from({ 'x-forwarded-for': '198.51.100.3' }), 202)
    t.equal(
      await from({ forwarded: 'for=198.51.100.4', 'x-forwarded-for': '198.51.100.3' }),
      202,
      'Forwarded wins',
    )
    t.equal(await from({ forwarded: 'for="[2001:db8:0:1::1]:4711"' }), 202)
    t.equal(await from({ forwarded: 'for="[2001:db8:0:1::2]"' }), 429, 'the same /64')

    // Where no address is told, there is none to count.
    for (const headers of [
      {},
      { forwarded: 'for=unknown' },
      { forwarded: 'for=_hidden' },
      { forwarded: 'for="_SEVKISEK:4711"' },
      { forwarded: 'proto=https' },
      { 'x-forwarded-for': '' },
      { 'x-forwarded-for': 'unknown' },
    ]) {
      for (let count = 0; count < 3; count++) t.equal(await from(headers), 202, JSON.stringify(headers))
    }
    const { headers } = await call({ ...submit, headers: { ...site, forwarded: 'for=unknown' } })
    t.notOk('ratelimit' in headers)
    t.equal((await call(submit)).statusCode, 202, "the site's own address was never counted")
  },
)

t.test("a reader's own headers are not believed where no site vouches for them", async (t) => {
  const { call } = await startApp(t, { submissionsPerMinute: 1 })
  const from = async (headers: Record<string, string>) => (await call({ ...submit, headers })).statusCode
  t.equal(await from({ forwarded: 'for=198.51.100.1' }), 202)
  t.equal(await from({ forwarded: 'for=198.51.100.2' }), 429)
  t.equal(await from({ 'x-forwarded-for': '198.51.100.3' }), 429)
  t.equal(await from({ forwarded: 'nonsense' }), 429, 'nor are they looked at')
})

t.test("behind a trusted proxy, a site's reader is the address beyond the site's own", async (t) => {
  const { call, token } = await startApp(t, { submissionsPerMinute: 1, trustProxy: ['10.0.0.0/8'] })
  const site = await token('submit')
  const from = async (headers: Record<string, string>) =>
    (await call({ ...submit, remoteAddress: '10.0.0.1', headers: { ...site, ...headers } })).statusCode

  // The site, 203.0.113.5, sends its reader's address; the proxy adds the site's.
  t.equal(await from({ 'x-forwarded-for': '198.51.100.1, 203.0.113.5' }), 202)
  t.equal(await from({ 'x-forwarded-for': '198.51.100.1, 203.0.113.5' }), 429)
  t.equal(await from({ 'x-forwarded-for': '192.0.2.9, 198.51.100.1, 203.0.113.5, 10.0.0.2' }), 429)
  t.equal(await from({ 'x-forwarded-for': '198.51.100.2, 203.0.113.5' }), 202)
  t.equal(await from({ forwarded: 'for=198.51.100.1', 'x-forwarded-for': '203.0.113.5' }), 429)
  t.equal(
    await from({ forwarded: 'for=198.51.100.3, for=203.0.113.5', 'x-forwarded-for': '203.0.113.5' }),
    202,
  )
  t.equal(await from({ forwarded: 'for=198.51.100.3', 'x-forwarded-for': '203.0.113.5' }), 429)
  for (let count = 0; count < 3; count++)
    t.equal(await from({ 'x-forwarded-for': '203.0.113.5' }), 202, 'the site told of no reader')
})

t.test('the total covers what a site sends for its readers', async (t) => {
  const { call, token } = await startApp(t, { submissionsPerMinuteTotal: 2 })
  const site = await token('submit')
  const from = (forwarded: string) => call({ ...submit, headers: { ...site, forwarded } })
  t.equal((await from('for=198.51.100.1')).statusCode, 202)
  t.equal((await from('for=unknown')).statusCode, 202)
  const third = await from('for=198.51.100.2')
  equalProblem(t, third, 429, 'too-many-requests')
  t.equal(third.headers['ratelimit-policy'], '"submissions-total";q=2;w=60')
})

t.test('a client that shows wrong secrets is stopped, and no valid one is locked out by that', async (t) => {
  const { call, submit, token } = await startApp(t, { failedSignInsPerMinute: 2 })
  const moderator = await token('moderate')
  const { id, receipt } = await submit('a')
  const own = (secret: string) =>
    call({ url: `/v1/comments/${id}`, headers: { authorization: `Bearer ${secret}` } })
  const queue = (headers: Record<string, string>) => call({ url: '/v1/moderation/comments', headers })

  const first = await queue(wrongToken)
  equalProblem(t, first, 401, 'token-invalid')
  t.match(first.headers, {
    'ratelimit-policy': '"failed-sign-ins";q=2;w=60',
    ratelimit: /^"failed-sign-ins";r=1;t=(?:60|5\d)$/,
  })
  equalProblem(t, await own('imr_wrong'), 401, 'token-invalid')
  // Used up now, by a token and a receipt, whatever is tried next.
  const beyond = await queue(wrongToken)
  equalProblem(t, beyond, 429, 'too-many-requests')
  t.notOk('www-authenticate' in beyond.headers)
  equalProblem(t, await own('imr_wrong'), 429, 'too-many-requests')
  equalProblem(t, await queue({ authorization: 'Basic x' }), 429, 'too-many-requests')

  t.equal((await queue(moderator)).statusCode, 200)
  t.equal((await own(receipt)).statusCode, 200)
  equalProblem(t, await queue({}), 401, 'token-missing')
  equalProblem(
    t,
    await call({ url: '/v1/moderation/comments', headers: wrongToken, remoteAddress: '192.0.2.1' }),
    401,
    'token-invalid',
  )
})

t.test(
  'the log is told once that a client shows wrong secrets, and of no more than a few clients',
  async (t) => {
    let nowMs = 1_000
    const { call, log } = await startApp(t, { failedSignInsPerMinute: 2, elapsedMs: () => nowMs })
    const guess = (remoteAddress: string) =>
      call({ url: '/v1/moderation/comments', headers: wrongToken, remoteAddress })
    const lines = () =>
      log.map((line) => JSON.parse(line)).filter(({ event }) => event === 'sign-ins-limited')
    for (let count = 0; count < 2; count++) await guess('192.0.2.1')
    t.equal(lines().length, 0)
    for (let count = 0; count < 5; count++) await guess('192.0.2.1')
    t.match(lines(), [{ level: 40, msg: 'a client shows one wrong token after the other' }])
    t.equal(lines().length, 1)
    t.notMatch(log.join(), '192.0.2.1')
    for (let count = 0; count < 3; count++) await guess('192.0.2.2')
    t.equal(lines().length, 2, 'another client')
    for (let client = 0; client < 300; client++) await guess(`198.51.100.${client % 100}`)
    t.equal(lines().length, 20)
    nowMs += 60_000
    for (let count = 0; count < 3; count++) await guess('192.0.2.1')
    t.equal(lines().length, 21, 'and again where it goes on')
  },
)

t.test('who asks for many paths that are none is stopped, and may go on with those that are', async (t) => {
  const { call } = await startApp(t, { unknownPathsPerMinute: 5 })
  const unknown: InjectOptions[] = [
    { url: '/index.php' },
    { url: '/wp-login.php' },
    { method: 'POST', url: '/v1/nothing', headers: { 'content-type': 'text/plain' }, payload: 'x' },
    { method: 'OPTIONS', url: '/v2' },
    { method: 'PROPFIND' as 'GET', url: '/dav' },
  ]
  for (const [index, request] of unknown.entries()) {
    const response = await call(request)
    equalProblem(t, response, 404, 'path-not-found')
    t.match(response.headers, {
      'ratelimit-policy': '"unknown-paths";q=5;w=60',
      ratelimit: new RegExp(`^"unknown-paths";r=${4 - index};t=\\d+$`),
    })
  }
  const beyond = await call({ url: '/admin' })
  equalProblem(t, beyond, 429, 'too-many-requests')
  t.match(beyond.headers, { 'retry-after': /^\d+$/ })
  t.equal((await call({ url: '/livez' })).statusCode, 200)
  equalProblem(t, await call({ method: 'PUT', url: '/livez' }), 405, 'method-not-allowed')
})

t.test('a client that has hung up has no address any more, and is counted all the same', async (t) => {
  const app = fastify()
  const maxima = limitMaxima({
    submissionsPerMinute: 0,
    submissionsPerMinuteTotal: 0,
    refusedSubmissionsPerMinute: 0,
    readsPerMinute: 1,
    failedSignInsPerMinute: 0,
    unknownPathsPerMinute: 0,
  })
  const limits = await createLimits(app, { countHit: async () => null }, maxima)
  // What Node gives for a socket that was destroyed, though the type knows of no such thing.
  const noAddress = undefined as unknown as string
  app.get('/', async (request) => (await limits.count(['reads'], request, noAddress)).problem)
  t.teardown(() => app.close())
  t.equal((await app.inject('/')).body, 'null')
  t.match((await app.inject('/')).json(), { code: 'too-many-requests' })
})

t.test("a site's own server reads for its readers, each counted by his own address", async (t) => {
  const { call, token } = await startApp(t, { readsPerMinute: 1 })
  const site = await token('submit')
  const read = (headers: Record<string, string>) => call({ url: '/v1/counts?articleId=a', headers })
  const from = (address: string) => ({ ...site, forwarded: `for=${address}` })
  t.equal((await read(from('192.0.2.1'))).statusCode, 200)
  t.equal((await read(from('192.0.2.2'))).statusCode, 200)
  equalProblem(t, await read(from('192.0.2.1')), 429, 'too-many-requests')
  t.equal((await read(site)).statusCode, 200, 'no reader told, no reader counted')
  t.equal((await read(site)).statusCode, 200)

  const other = { ...(await token('moderate')), forwarded: 'for=192.0.2.3' }
  t.equal((await read(other)).statusCode, 200, 'another token vouches for nobody: the address is its own')
  equalProblem(t, await read({ ...other, forwarded: 'for=192.0.2.4' }), 429, 'too-many-requests')
})
