import t from 'tap'
import { firstSteps, reachOf } from '../../src/cli/first-steps.ts'

const origin = 'http://127.0.0.1:3000'
const first = { pid: 1, ppid: 0 }

t.test('in a container the token is read from where it is', async (t) => {
  const reach = reachOf((path) => path === '/.dockerenv', {}, '0a1b2c', first)
  t.match(
    firstSteps(origin, { kind: 'file', path: '/data/moderator-token' }, reach, true),
    '\nTOKEN=$(docker exec 0a1b2c cat /data/moderator-token)\n',
  )
  t.equal(
    reachOf((path) => path === '/run/.containerenv', {}, '0a1b2c', first),
    'podman exec 0a1b2c',
  )
  t.equal(
    reachOf(() => true, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, 'imprimatur-0', first),
    'kubectl exec imprimatur-0 --',
  )
  t.equal(
    reachOf(() => false, {}, 'host', first),
    '',
  )
})

t.test(
  'a token that is in no file is asked for, and by no variable that another terminal has not',
  async (t) => {
    for (const kind of ['environment', 'elsewhere'] as const) {
      const text = firstSteps(origin, { kind }, '', true)
      t.match(text, /First put .* between the quotes.*\n\nTOKEN=''\n/)
      t.notMatch(text, '$MODERATOR_TOKEN')
    }
  },
)

t.test('a path that a shell would take apart is quoted, and shows what is in it', async (t) => {
  const lines = firstSteps(origin, { kind: 'file', path: "it's\n here" }, '', true)
  t.match(lines, "\nTOKEN=$(cat 'it'\\''s\\u000a here')\n")
})

t.test('the desk is named where there is one', async (t) => {
  const place = { kind: 'file', path: 'data/moderator-token' } as const
  t.match(
    firstSteps(origin, place, '', true),
    `\nThe moderators' desk, which asks for the token: ${origin}/desk\n`,
  )
  t.notMatch(firstSteps(origin, place, '', false), /desk/)
})
