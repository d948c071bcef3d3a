import type { Beginning, Format } from '../format.ts'
import { type FormatName, formatNames } from '../format-names.ts'
import { artrans } from './artrans.ts'
import { comentario } from './comentario.ts'
import { commento } from './commento.ts'
import { coral } from './coral.ts'
import { disqus } from './disqus.ts'
import { isso } from './isso.ts'
import { remark42 } from './remark42.ts'
import { waline } from './waline.ts'
import { wordpress } from './wordpress.ts'

export const formats: Record<FormatName, Format> = {
  disqus,
  wordpress,
  isso,
  remark42,
  commento,
  comentario,
  artrans,
  waline,
  coral,
}

/** The only format that a file with this beginning can be of; `null` where none is, or several are. */
export function formatOf(beginning: Beginning): FormatName | null {
  const fitting = formatNames.filter((name) => formats[name].recognises(beginning))
  return fitting.length === 1 ? (fitting[0] ?? null) : null
}
