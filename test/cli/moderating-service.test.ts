import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import stringWidth from 'string-width'
import t, { type Test } from 'tap'
import { runCommand } from '../../src/cli/command.ts'
import { testTerminal } from '../support/process.ts'

/*
 * What the commands make of answers that the service itself does not give when it is asked to: faults, limits, other servers, and
 * texts that a terminal would obey. It changes its folder, so it is in a process for itself.
 */

const id = '01a227f5-c73e-7101-99b4-d0990bacc2ac'

async function answering(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function run(env: Record<string, string>, args: readonly string[], columns?: number) {
  const terminal = testTerminal({ IMPRIMATUR_TOKEN: 'marie', ...env }, '', columns)
  return { code: await runCommand(args, terminal), out: terminal.out(), err: terminal.err() }
}

const problem = (code: string, status: number, detail: string) =>
  JSON.stringify({
    type: `urn:imprimatur:problem:${code}`,
    title: 'x',
    status,
    detail,
    instance: 'urn:uuid:x',
  })

t.test('what goes wrong as a whole is a sentence and exit code 1', async (t) => {
  let answer: { status: number; body: string; headers?: Record<string, string> } = { status: 200, body: '' }
  const origin = await answering(t, (_, response) => {
    response.writeHead(answer.status, answer.headers)
    response.end(answer.body)
  })
  for (const [status, body, sentence] of [
    [
      401,
      problem('token-invalid', 401, 'No such token.'),
      /^The token is not valid at http\S+: No such token\.\n$/,
    ],
    [
      403,
      problem('token-scope-too-small', 403, 'No.'),
      /^The token does not allow this; it needs the scope moderate\. No\.\n$/,
    ],
    [
      500,
      problem('internal-error', 500, 'Sorry.'),
      /^The service at http\S+ has a fault \(500\): Sorry\.\n$/,
    ],
    [503, problem('not-ready', 503, 'Not yet.'), /has a fault \(503\): Not yet\./],
    [
      404,
      problem('path-not-found', 404, 'x'),
      /^What answers at \S+ is no Imprimatur that can do this: 404\. IMPRIMATUR_URL/,
    ],
    [404, '<html>', /is no Imprimatur that can do this: 404/],
    [200, '<html>', /is no Imprimatur that can do this: 200/],
    [302, '', /is no Imprimatur that can do this: 302/],
    [
      400,
      JSON.stringify({
        ...JSON.parse(problem('invalid-request', 400, 'Bad.')),
        errors: [{ pointer: '/limit', detail: 'is wrong' }],
      }),
      /^The service refuses this \(400\): Bad\.\n {2}\/limit is wrong\n$/,
    ],
    [404, problem('comment-not-found', 404, 'There is none.'), /^There is none\.\n$/],
  ] as const) {
    answer = { status, body, ...(status === 302 && { headers: { location: 'http://127.0.0.1:9/' } }) }
    t.match(
      await run({ IMPRIMATUR_URL: origin }, ['queue']),
      { code: 1, out: '', err: sentence },
      String(sentence),
    )
  }
  answer = { status: 412, body: problem('version-mismatch', 412, 'Changed.') }
  t.match(await run({ IMPRIMATUR_URL: origin }, ['note', id, 'x']), { code: 3, out: '', err: 'Changed.\n' })
  t.match(await run({ IMPRIMATUR_URL: origin }, ['erase', id, '--reason', 'x']), {
    code: 3,
    err: 'Changed.\n',
  })
  t.match(await run({ IMPRIMATUR_URL: origin }, ['undo', id]), { code: 3, err: 'Changed.\n' })
})

t.test('a limit is waited for as long as the service says, and not for ever', async (t) => {
  let asked = 0
  let retryAfter = '1'
  const origin = await answering(t, (_, response) => {
    asked += 1
    if (asked === 1 || retryAfter !== '1') {
      response.writeHead(429, { 'retry-after': retryAfter })
      response.end(problem('too-many-requests', 429, 'Ten a minute.'))
    } else response.end(JSON.stringify({ pending: 0, comments: [], nextCursor: null }))
  })
  t.match(await run({ IMPRIMATUR_URL: origin }, ['queue']), {
    code: 0,
    err: 'The service asks to come again in 1 s (429); waiting.\n',
  })
  t.equal(asked, 2)
  for (retryAfter of ['86400', 'soon'])
    t.match(await run({ IMPRIMATUR_URL: origin }, ['queue']), {
      code: 1,
      err: 'Too many requests; the service lets nobody wait that long: Ten a minute.\n',
    })
})

t.test('where there is no service, and where no token, is said', async (t) => {
  const folder = t.testdir({ token: 'imt_x\n', broken: 'two\nlines\n' })
  const nobody = 'http://127.0.0.1:9'
  for (const [env, args, sentence] of [
    [
      { IMPRIMATUR_URL: nobody },
      [],
      /^Nothing answers at http:\/\/127\.0\.0\.1:9: .+\. IMPRIMATUR_URL says where\.\n$/,
    ],
    [{ IMPRIMATUR_URL: 'localhost:3000' }, [], /^IMPRIMATUR_URL must be the address of a service/],
    [{ IMPRIMATUR_URL: 'http://x:y@localhost/' }, [], /^IMPRIMATUR_URL must be/],
    [{ IMPRIMATUR_TOKEN: '' }, [], /^There is no token: data\/moderator-token is not here\. Name the file/],
    [
      { IMPRIMATUR_TOKEN: '', IMPRIMATUR_TOKEN_FILE: join(folder, 'none') },
      [],
      /^The token file \S+none cannot be read: ENOENT/,
    ],
    [{ IMPRIMATUR_TOKEN_FILE: join(folder, 'token') }, [], /are both set: give one of them/],
    [{}, ['--token-file', join(folder, 'broken')], /^What is given as a token is none\.\n$/],
    [{ IMPRIMATUR_URL: nobody }, ['--token-file', join(folder, 'token')], /^Nothing answers/],
  ] as const) {
    const folderBefore = process.cwd()
    process.chdir(folder)
    t.match(await run(env, ['queue', ...args]), { code: 1, out: '', err: sentence }, String(sentence))
    process.chdir(folderBefore)
  }
})

t.test('the token goes with each call, from the file that was named', async (t) => {
  const seen: (string | undefined)[] = []
  const origin = await answering(t, ({ headers }, response) => {
    seen.push(headers.authorization)
    response.end(JSON.stringify({ pending: 0, comments: [], nextCursor: null }))
  })
  const file = join(t.testdir(), 'token')
  writeFileSync(file, 'imt_of-the-file\n')
  const env = { IMPRIMATUR_URL: `${origin}/` }
  await run(env, ['queue'])
  await run({ ...env, IMPRIMATUR_TOKEN: '', IMPRIMATUR_TOKEN_FILE: file }, ['queue'])
  await run(env, ['queue', '--token-file', file])
  t.same(seen, ['Bearer marie', 'Bearer imt_of-the-file', 'Bearer imt_of-the-file'])
})

/** What a terminal would obey, and what would take a second line or no column where one is counted. */
const hostile = 'a\u001b[2J\u001b]0;owned\u0007\u009b31m\r\nroot\t\u202e日本語👩‍👩‍👧‍👦\u2028b'

function hostileAnswer(path: string): unknown {
  const comment = {
    id,
    articleId: hostile,
    articleUrl: hostile,
    parentId: null,
    status: 'rejected',
    version: 2,
    author: { name: hostile, email: hostile },
    body: hostile,
    submittedAt: '2026-11-29T15:39:08.478Z',
    publishedAt: null,
  }
  const decision = {
    id,
    position: 1,
    action: 'reject',
    version: 2,
    decidedBy: hostile,
    reason: hostile,
    reasonCode: null,
    note: hostile,
    decidedAt: '2026-11-29T15:39:08.478Z',
    rejectedWith: null,
  }
  const counts = { approve: 1, reject: 1, reopen: 0, erase: 0 }
  if (path === 'summary')
    return {
      moderator: 'marie',
      at: comment.submittedAt,
      counts: { pending: 1, approved: 1, rejected: 1, withdrawn: 0 },
      oldestPendingAt: comment.submittedAt,
      claimed: { mine: 0, others: 1 },
      today: {
        since: comment.submittedAt,
        ...counts,
        byModerator: [{ name: hostile, ...counts }],
        byReason: [{ code: hostile, count: 1 }],
      },
      waits: { decided: 2, medianSeconds: 60, p90Seconds: 7_000 },
      arrivals: [{ hour: comment.submittedAt, count: 3 }],
    }
  if (path === 'decisions')
    return {
      outcomes: [
        {
          commentId: id,
          outcome: 'refused',
          comment,
          problem: JSON.parse(problem('version-mismatch', 412, hostile)),
          lastDecision: decision,
        },
      ],
    }
  if (path.startsWith('decisions?')) return { decisions: [{ ...decision, commentId: id }] }
  if (path === 'search' || path.startsWith('comments?'))
    return {
      pending: 1,
      comments: [{ ...comment, repeats: null, claim: { by: hostile, until: comment.submittedAt } }],
      nextCursor: null,
    }
  return {
    ...comment,
    claim: null,
    decisions: [decision],
    changed: true,
    approvedReplies: 0,
    rejectedReplyIds: [],
    restoredReplyIds: [],
  }
}

t.test(
  'what readers wrote is shown on a terminal and not obeyed, and no line is wider than it',
  async (t) => {
    const origin = await answering(t, async (request, response) => {
      response.end(JSON.stringify(hostileAnswer((request.url ?? '').replace('/v1/moderation/', ''))))
    })
    const fails = await answering(t, (_, response) => {
      response.writeHead(404)
      response.end(problem('comment-not-found', 404, hostile))
    })
    for (const args of [
      ['queue'],
      ['search', hostile],
      ['search', '--article', 'a', '--article', 'b', '--from', '2026-11-01', '--to', '2026-11-30T12:00:00Z'],
      ['approve', id],
      ['approve', id, '--anyway'],
      ['reject', id, '--reason', hostile],
      ['undo'],
      ['undo', id],
      ['erase', id, '--reason', 'x'],
      ['note', id, 'x'],
      ['summary'],
      ['approve', hostile],
    ])
      for (const url of [origin, fails])
        for (const columns of [40, 80, 120, undefined]) {
          const { out, err } = await run({ IMPRIMATUR_URL: url }, args, columns)
          const about = `${args[0]} at ${columns}`
          t.not(out + err, '', about)
          t.notMatch(out + err, /(?!\n)\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u, about)
          t.notMatch(out + err, /^root/m, about)
          if (columns === undefined) for (const line of out.split('\n').slice(0, -1)) JSON.parse(line)
          else
            t.same(
              out.split('\n').filter((line) => stringWidth(line) > columns),
              [],
              about,
            )
        }
  },
)

t.test('who reads no further ends it without a word', async (t) => {
  const origin = await answering(t, (_, response) => response.end(JSON.stringify(hostileAnswer('search'))))
  const terminal = testTerminal({ IMPRIMATUR_TOKEN: 'marie', IMPRIMATUR_URL: origin })
  const write = (code: string) => ({
    ...terminal,
    stdout: {
      write: (_: string, done?: (error: Error) => void) => done?.(Object.assign(new Error('full'), { code })),
    },
  })
  t.equal(await runCommand(['queue'], write('EPIPE')), 141)
  t.equal(terminal.err(), '')
  t.equal(await runCommand(['queue'], write('ENOSPC')), 1)
  t.equal(terminal.err(), 'It cannot be printed: full\n')
})

t.test('what is asked wrongly is said before anything is asked', async (t) => {
  for (const [args, sentence] of [
    [['search'], /^Say what to look for: words, or one of the options/],
    [['search', '--from', '2026-02-30'], /Say a day, 2026-11-30, or a moment/],
    [['search', '--to', 'soon'], /Say a day, 2026-11-30, or a moment/],
    [['queue', '--limit', '0'], /It is a whole number from 1 to 999999/],
    [['queue', '--limit', '5', '--all'], /cannot be used with option '--all'/],
    [['approve', 'x'], /^x is no comment's id\. Nothing was decided\.\n$/],
    [['approve'], /missing required argument 'ids'/],
    [['erase', id], /required option '--reason/],
    [['moderate'], /^imprimatur moderate needs a terminal for its keys/],
    [['reopen', id, '--reason', 'x'], /unknown option '--reason'/],
  ] as const)
    t.match(await run({ IMPRIMATUR_URL: 'http://127.0.0.1:9' }, args), { code: 1, out: '', err: sentence })
})
