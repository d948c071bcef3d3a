import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import t, { type Test } from 'tap'
import { runCommand } from '../../src/cli/command.ts'
import { freePort } from '../support/free-port.ts'
import { countLines, imprimatur, startService, testTerminal } from '../support/process.ts'
import { type ProxiedAnswer, startLyingProxy } from './lying-proxy.ts'

const token = 'a-token-for-the-contract-of-32-characters'

t.setTimeout(600_000)
countLines('contract')
// Each starts a service and waits for it.
t.jobs = 3

t.test('a running service keeps the contract, twice in a row', async (t) => {
  const { origin } = await startUnlimited(t)
  for (const _ of ['once', 'again']) {
    const { code, stdout, stderr } = await runContract([origin])
    t.equal(code, 0, stdout)
    t.equal(stderr, '')
    t.ok(numberOf('tests', stdout) >= 30, `${numberOf('tests', stdout)} tests`)
    t.equal(numberOf('pass', stdout), numberOf('tests', stdout))
  }
  const queue = await fetch(`${origin}/v1/moderation/comments`, {
    headers: { authorization: `Bearer ${token}` },
  })
  t.match(await queue.json(), { pending: 0 }, 'nothing of it is left in the queue')
})

t.test('the default limits let one run through, and a 429 is waited out as Retry-After says', async (t) => {
  const service = await startService(t, { DATABASE_URL: 'file::memory:', MODERATOR_TOKEN: token })
  let turnedAway = 0
  const origin = await startLyingProxy(t, service.origin, ({ method, url = '' }) => {
    if (method !== 'GET' || !url.startsWith('/v1/counts') || turnedAway > 0) return undefined
    turnedAway += 1
    return tooManyRequests(1)
  })
  const { code, stdout, stderr } = await runContract([origin])
  t.equal(code, 0, stdout)
  t.equal(turnedAway, 1)
  t.match(stderr, /A limit is reached \(GET \/v1\/counts.*\); waiting 1 s, as Retry-After says\./)
})

t.test('a limit that would make it wait for too long fails the run', async (t) => {
  const service = await startUnlimited(t)
  const origin = await startLyingProxy(t, service.origin, ({ url = '' }) =>
    url.startsWith('/v1/counts') ? tooManyRequests(3_600) : undefined,
  )
  const { code, stdout } = await runContract([origin])
  t.equal(code, 1)
  t.match(stdout, /limits would make this run wait for more than 600 s/)
})

type Lie = (request: IncomingMessage, answer: ProxiedAnswer) => void

let heardEmail: string | undefined

const lies: [string, RegExp, Lie][] = [
  [
    'shows an e-mail address to readers',
    /✖ no answer to a reader ever had an e-mail address in it/,
    ({ url = '' }, answer) => {
      heardEmail ??= /"email": "(reader-[^"]+)"/.exec(answer.body)?.[1]
      if (url.startsWith('/v1/articles/') && heardEmail !== undefined) answer.headers['x-author'] = heardEmail
    },
  ],
  [
    'says where a comment is to be found in no Location',
    /✖ a submission is acknowledged with 202.*[\s\S]*the header Location is missing/,
    (_request, { headers }) => {
      delete headers['location']
    },
  ],
  [
    'answers an unchanged list anew',
    /✖ a list that has not changed is answered with 304/,
    (_request, answer) => {
      if (answer.status !== 304) return
      answer.status = 200
      answer.headers['content-type'] = 'application/json'
      answer.body = `${JSON.stringify({ articleId: 'a', total: 0, comments: [], nextCursor: null })}\n`
    },
  ],
  [
    'adds what the document does not have',
    /✖ one call counts the comments.*[\s\S]*must NOT have additional properties/,
    ({ url = '' }, answer) => {
      if (url.startsWith('/v1/counts')) answer.body = answer.body.replace('{', '{"took":1,')
    },
  ],
  [
    'has an error page of its own',
    /✖ what is not there is 404.*[\s\S]*the media type 'text\/html' is not documented/,
    (_request, answer) => {
      if (answer.status !== 404) return
      answer.headers['content-type'] = 'text/html'
      answer.body = '<h1>Not found</h1>'
    },
  ],
  [
    'keeps what was withdrawn',
    /✖ a withdrawal erases the comment for good/,
    (_request, answer) => {
      answer.body = answer.body.replaceAll(
        /"author": null,\s*"body": null/g,
        '"author": {"name":"Z"}, "body": "kept"',
      )
    },
  ],
  [
    'serves another document',
    /✖ serves the document that is committed here/,
    ({ url }, answer) => {
      if (url === '/openapi.json')
        answer.body = answer.body.replace(/"version": "[^"]*"/, '"version": "9.9.9"')
    },
  ],
]

// A run takes seconds: each by itself where there is time, and otherwise some that do not hide each other together.
const together: (typeof lies)[] =
  process.env['WHOLE'] === '1'
    ? lies.map((one) => [one])
    : [lies.filter((_, index) => index % 2 === 0), lies.filter((_, index) => index % 2 === 1)]

for (const some of together) {
  t.test(`a service that ${some.map(([what]) => what).join(', ')} fails`, { buffered: true }, async (t) => {
    const service = await startUnlimited(t)
    const origin = await startLyingProxy(t, service.origin, (request, answer) => {
      for (const [, , lie] of some) lie(request, answer)
      return answer
    })
    const { code, stdout } = await runContract([origin])
    t.equal(code, 1)
    for (const [, complaint] of some) t.match(stdout, complaint)
    t.ok(numberOf('pass', stdout) > 10, 'and the rest is still tried')
  })
}

t.test('without an address, with one that is none, or with two, it says what it needs', async (t) => {
  for (const [args, sentence] of [
    [[], "error: missing required argument 'url'"],
    [['localhost:3000'], 'Give the address that the service has for itself'],
    [['http://localhost:3000/api'], 'Give the address that the service has for itself'],
    [['ftp://localhost'], 'Give the address that the service has for itself'],
    [['http://a', 'b'], 'error: too many arguments'],
  ] as const) {
    const { code, stderr } = await refusal(args)
    t.equal(code, 1)
    t.ok(stderr.startsWith(sentence), stderr)
  }
})

t.test('without a token it says so', async (t) => {
  const { code, stderr } = await refusal(['http://127.0.0.1:3000'], { MODERATOR_TOKEN: '' })
  t.equal(code, 1)
  t.match(stderr, /^MODERATOR_TOKEN is not set/)
})

t.test('with a token that the service does not know it says so', async (t) => {
  const { origin } = await startUnlimited(t)
  const { code, stderr } = await refusal([origin], { MODERATOR_TOKEN: 'another' })
  t.equal(code, 1)
  t.match(stderr, /^MODERATOR_TOKEN is no token of scope moderate at http:.*: it answers 401\.$/m)
})

t.test('where nothing answers it says so', async (t) => {
  const { code, stderr } = await refusal([`http://127.0.0.1:${await freePort()}`])
  t.equal(code, 1)
  t.match(stderr, /^Nothing answers at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/)
})

t.test('where something else answers it says so', async (t) => {
  const service = await startUnlimited(t)
  const origin = await startLyingProxy(t, service.origin, () => ({
    status: 200,
    headers: {},
    body: 'Hello.',
  }))
  const { code, stderr } = await refusal([origin])
  t.equal(code, 1)
  t.match(stderr, /^What answers at http:.* is no Imprimatur\.$/m)
})

function startUnlimited(t: Test) {
  return startService(t, {
    DATABASE_URL: 'file::memory:',
    MODERATOR_TOKEN: token,
    SUBMISSIONS_PER_MINUTE: '0',
    SUBMISSIONS_PER_MINUTE_TOTAL: '0',
    REFUSED_SUBMISSIONS_PER_MINUTE: '0',
    READS_PER_MINUTE: '0',
    FAILED_SIGN_INS_PER_MINUTE: '0',
    UNKNOWN_PATHS_PER_MINUTE: '0',
    LOG_LEVEL: 'silent',
  })
}

function tooManyRequests(seconds: number): ProxiedAnswer {
  const instance = 'urn:uuid:5b1c1f0a-9d1e-8a52-8c3e-000000000001'
  const problem = { type: 'urn:imprimatur:problem:too-many-requests', title: 'Too many', detail: '' }
  return {
    status: 429,
    headers: {
      'content-type': 'application/problem+json',
      'retry-after': String(seconds),
      'ratelimit-policy': '"reads";q=1;w=60',
      ratelimit: '"reads";r=0;t=1',
    },
    body: `${JSON.stringify({ ...problem, status: 429, instance })}\n`,
  }
}

async function runContract(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(...imprimatur(['contract', ...args]), {
    env: { ...process.env, FORCE_COLOR: '0', MODERATOR_TOKEN: token, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr] = [child.stdout, child.stderr].map(async (stream) =>
    Buffer.concat(await stream.toArray()).toString(),
  )
  const [code] = await once(child, 'exit')
  return { code, stdout: (await stdout) ?? '', stderr: (await stderr) ?? '' }
}

/** What defines no test needs no process, which the tests that are defined would be run by. */
async function refusal(args: readonly string[], env: Record<string, string> = {}) {
  const terminal = testTerminal({ MODERATOR_TOKEN: token, ...env })
  const code = await runCommand(['contract', ...args], terminal)
  return { code, stderr: terminal.err() }
}

/** From the runner's own summary. */
function numberOf(what: 'tests' | 'pass', stdout: string): number {
  return Number(new RegExp(`^ℹ ${what} (\\d+)$`, 'm').exec(stdout)?.[1])
}
