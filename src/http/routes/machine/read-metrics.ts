import { z } from 'zod'
import { metricsMediaType } from '../../metrics.ts'
import { defineRoute } from '../../route.ts'

export const readMetrics = defineRoute({
  operationId: 'readMetrics',
  method: 'GET',
  path: '/metrics',
  tag: 'Machine',
  summary: 'Metrics for Prometheus',
  description:
    'Requests, durations, the length of the queue, the age of its oldest comment, and the process itself.',
  access: 'admin',
  limits: [],
  request: {},
  mediaType: metricsMediaType,
  answers: {
    200: {
      description: 'In the text format, version 0.0.4.',
      schema: z.string().meta({
        override: { maxLength: 1_000_000, pattern: '^[^\\x00]*$' },
        examples: ['imprimatur_queue_length 3\n'],
      }),
    },
  },
  problems: [],
  async handle({ deps }) {
    return { status: 200, text: await deps.metrics.render() }
  },
})
