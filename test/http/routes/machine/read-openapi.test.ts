import { readFileSync } from 'node:fs'
import fastify from 'fastify'
import t from 'tap'
import type { Limits } from '../../../../src/http/limits/limits.ts'
import type { RouteDeps } from '../../../../src/http/route.ts'
import { readOpenapi } from '../../../../src/http/routes/machine/read-openapi.ts'
import { handleError } from '../../../../src/http/serving/error-handler.ts'
import type { GuardDeps } from '../../../../src/http/serving/guard.ts'
import { registerRoute } from '../../../../src/http/serving/register-route.ts'
import { requestIds } from '../../../../src/http/serving/request-id.ts'
import { startApp } from '../../../support/app.ts'
import {
  answersLikePublicRead,
  equalProblem,
  everyStatusWasSeen,
  noteAnswer,
} from '../../../support/routes.ts'

const plan = { request: async () => ({ url: '/openapi.json' }), success: 200, faultIn: null } as const

answersLikePublicRead(t, plan)

t.test('is the committed document, byte for byte', async (t) => {
  const { call } = await startApp(t)
  const response = await call({ url: '/openapi.json' })
  t.equal(response.body, readFileSync(new URL('../../../../openapi/openapi.json', import.meta.url), 'utf8'))
  t.equal(response.headers['content-type'], 'application/json; charset=utf-8')
})

t.test('answers a fault with 500, telling nothing of it', async (t) => {
  const app = fastify({ genReqId: requestIds() })
  app.setErrorHandler(handleError)
  const deps = {
    openapi: () => {
      throw new Error('no such file')
    },
  } as unknown as RouteDeps // It asks for nothing else.
  const none = async () => ({ headers: {}, problem: null })
  const limits: Limits = { count: none, check: none, countSubmission: none }
  const guardDeps = { deps, limits, isTrustedProxy: () => false } as unknown as GuardDeps
  registerRoute(app, guardDeps, readOpenapi)
  const response = await app.inject({ url: '/openapi.json' })
  equalProblem(t, response, 500, 'internal-error')
  t.notMatch(response.body, /file/)
  noteAnswer({ method: 'GET', url: '/openapi.json', status: response.statusCode, ...response })
})

everyStatusWasSeen(t, 'readOpenapi')
