import { z } from 'zod'

export const health = z
  .strictObject({ status: z.enum(['ok']).meta({ description: 'All is well.', examples: ['ok'] }) })
  .meta({ id: 'Health' })

export const readiness = z
  .strictObject({
    status: z.enum(['ok']).meta({ description: 'It takes requests.', examples: ['ok'] }),
    jobsBehind: z
      .array(
        z.string().meta({ examples: ['vacuum-erased'], override: { maxLength: 50, pattern: '^[a-z-]+$' } }),
      )
      .max(20)
      .meta({ description: 'Jobs in the background that are long overdue.', examples: [[]] }),
  })
  .meta({ id: 'Readiness' })
