import { type EmbedFile, embedFiles } from '../http/routes/page/embed-files.ts'
import { CommandError, configOf, type Terminal } from './terminal.ts'

/**
 * Prints what a site pastes into its pages, with the names and hashes of this very version, and what its content policy has
 * to allow. `url` is where readers' browsers reach the service; `PUBLIC_URL` where it is not given.
 */
export async function printEmbed(terminal: Terminal, { url }: { url?: string }): Promise<void> {
  const base = url === undefined ? serviceOf(terminal) : publicUrlFrom(url)
  const file = (name: string) => tagOf(base, embedFiles().get(name))
  // A source without a slash at its end is that one path alone (CSP 3, section 6.7.2.10).
  const source = new URL(base).pathname === '/' ? base : `${base}/`
  terminal.stdout.write(
    [
      '<!-- In the head of an article -->',
      file('comments.css'),
      file('comments.js'),
      '',
      '<!-- Where its comments are to stand -->',
      '<imprimatur-comments article="ARTICLE-ID"></imprimatur-comments>',
      `<noscript><a href="${base}/thread/ARTICLE-ID">Comments</a></noscript>`,
      '',
      '<!-- In the head of a page with counts, and where a count is to stand -->',
      file('count.js'),
      '<imprimatur-count article="ARTICLE-ID">Comments</imprimatur-count>',
      '',
      "<!-- To be added to the site's Content-Security-Policy, if it has one",
      ...['script-src', 'style-src', 'connect-src', 'form-action'].map((name) => `${name} ${source}`),
      '-->',
      '',
    ].join('\n'),
  )
}

/** By its versioned name, and of these bytes only (W3C, Subresource Integrity). */
function tagOf(base: string, file: EmbedFile | undefined): string {
  /* c8 ignore next: they are committed, and a test bundles them anew. */
  if (file === undefined) throw new Error('The files for pages are not complete.')
  const address = `${base}/embed/${file.versionedName}`
  const checked = `integrity="${file.integrity}" crossorigin="anonymous"`
  return address.endsWith('.css')
    ? `<link rel="stylesheet" href="${address}" ${checked}>`
    : `<script type="module" src="${address}" ${checked}></script>`
}

function serviceOf(terminal: Terminal): string {
  const { publicUrl, port } = configOf(terminal)
  if (publicUrl !== null) return publicUrl
  const own = `http://127.0.0.1:${port || 3000}`
  terminal.stderr.write(`For ${own}: neither --url nor PUBLIC_URL says where readers reach the service.\n`)
  return own
}

function publicUrlFrom(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const isPlain =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    `${url.search}${url.hash}${url.username}${url.password}` === '' &&
    !/["<>\s]/.test(url.href)
  if (!isPlain)
    throw new CommandError(['Give the address where readers reach it, such as https://comments.example.org.'])
  return url.href.replace(/\/+$/, '')
}
