import { z } from 'zod'

export const health = z
  .strictObject({ status: z.enum(['ok']).meta({ description: 'All is well.', examples: ['ok'] }) })
  .meta({ id: 'Health' })
