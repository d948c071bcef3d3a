import { z } from 'zod'
import { contentTag } from '../../entity-tag.ts'
import { defineRoute } from '../../route.ts'

export const readOpenapi = defineRoute({
  operationId: 'readOpenapi',
  method: 'GET',
  path: '/openapi.json',
  tag: 'Machine',
  summary: 'This document',
  description: 'The OpenAPI 3.1 document of this very version. `/docs` shows it to people.',
  access: 'public',
  openTo: 'all',
  limits: ['reads'],
  request: {},
  answers: {
    200: {
      description: 'The document.',
      headers: ['ETag'],
      schema: z
        .looseObject({
          openapi: z
            .enum(['3.1.0', '3.1.1'])
            .meta({ description: 'The version of OpenAPI.', examples: ['3.1.1'] }),
        })
        .meta({ id: 'OpenapiDocument', description: 'An OpenAPI document.' }),
    },
  },
  problems: [],
  async handle({ deps }) {
    const text = deps.openapi()
    if (tagged?.text !== text) tagged = { text, etag: contentTag(text) }
    return { status: 200, ...tagged }
  },
})

/** A digest of 280 kB is what the answer would cost most. */
let tagged: { text: string; etag: string } | undefined
