import { defineRoute } from '../../route.ts'
import { readiness } from './answers.ts'

export const readyz = defineRoute({
  operationId: 'readyz',
  method: 'GET',
  path: '/readyz',
  tag: 'Machine',
  summary: 'Can it take requests?',
  description:
    'Asks the database. Where it fails, send the requests elsewhere until it answers again. `jobsBehind` is for people: what is done in the background is overdue, and requests are answered all the same.',
  access: 'public',
  limits: [],
  request: {},
  answers: { 200: { description: 'It can.', schema: readiness } },
  problems: ['not-ready'],
  async handle({ deps, log }) {
    try {
      await deps.store.checkReady()
      return { status: 200, body: { status: 'ok', jobsBehind: await deps.jobsBehind() } }
    } catch (error) {
      log.error({ err: error }, 'not ready: the database does not answer')
      return { code: 'not-ready', detail: 'The database does not answer.', headers: { 'retry-after': '5' } }
    }
  },
})
