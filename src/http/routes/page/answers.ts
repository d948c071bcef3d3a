import { z } from 'zod'

export const htmlMediaType = 'text/html; charset=utf-8'

/** Beyond a hundred of the longest comments, each character escaped. */
const longestPage = 20_000_000

const html = (example: string) =>
  z
    .string()
    .meta({ override: { minLength: 1, maxLength: longestPage, pattern: '^[^\\x00]*$' }, examples: [example] })

export const fragment = html('<section class="imprimatur" lang="en" dir="ltr">…</section>\n')

export const page = html('<!doctype html><html lang="en" dir="ltr">…</html>\n')

/** Nothing to read: a browser goes on to `Location`. */
export const onwards = z.string().meta({ override: { maxLength: 0 }, examples: [''] })
