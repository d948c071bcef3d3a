import { defineRoute } from '../../route.ts'
import { health } from './answers.ts'

export const livez = defineRoute({
  operationId: 'livez',
  method: 'GET',
  path: '/livez',
  tag: 'Machine',
  summary: 'Is the process alive?',
  description: 'Answers as long as the process does. Where it fails, restart the process.',
  access: 'public',
  limits: [],
  request: {},
  answers: { 200: { description: 'It is.', schema: health } },
  problems: [],
  async handle() {
    return { status: 200, body: { status: 'ok' } }
  },
})
