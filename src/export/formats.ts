import { csv } from './csv.ts'
import { disqus } from './disqus.ts'
import type { Format, FormatName } from './format.ts'
import { wordpress } from './wordpress.ts'

export const formats: Readonly<Record<FormatName, Format>> = { wordpress, disqus, csv }
