import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build, transform } from 'esbuild'
import { languages } from '../src/domain/language.ts'
import { digestOf, partsDigest, versionedName } from '../src/http/routes/page/embed-files.ts'
import { wordsIn } from '../src/words/words.ts'

/*
 * Bundles what sites load into their pages into `embed/`, which is committed: a start needs no bundler. A test bundles
 * it anew and compares, so that it cannot fall behind.
 */

const root = fileURLToPath(new URL('..', import.meta.url))

/** Browsers of the last three years; nothing is made for older ones. */
const target = ['chrome117', 'firefox119', 'safari17']

/**
 * Names of properties that cross no border: of no answer of the API, of no element, of no other bundle. Shortened, they save as
 * much as one more part would cost.
 */
const internal =
  /^(?:nextHref|firstHref|feedHref|replyHref|formAt|isSending|cancelHref|shownAtMs|rulesUrl|privacyUrl|idPrefix|direction|instead|exactly|level|replies|replyForm|ownWords|depth|slots|tell|shown|isFar)$/

/** The files by their names, as they are to stand in `embed/`. */
export async function bundles(): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const language of languages.filter((one) => one !== 'en'))
    files.set(
      `${language}.js`,
      await minified(`export const words = ${JSON.stringify(wordsIn(language))}`, 'js'),
    )
  for (const style of ['comments.css', 'page.css'])
    files.set(style, await minified(readFileSync(`${root}/client/${style}`, 'utf8'), 'css'))
  for (const part of ['own', 'sending']) files.set(`${part}.js`, await bundled(`${part}.ts`, {}))
  const define = { PARTS: JSON.stringify(partsDigest(files)) }
  const countWords = await bundled('count-words.ts', define)
  files.set('count-words.js', countWords)
  files.set('comments.js', await bundled('comments.ts', define))
  files.set(
    'count.js',
    await bundled('count.ts', {
      ...define,
      ENGLISH: JSON.stringify(wordsIn('en').comments),
      COUNT_WORDS: JSON.stringify(versionedName('count-words.js', digestOf(countWords))),
    }),
  )
  return files
}

async function bundled(entry: string, define: Record<string, string>): Promise<string> {
  const options: BuildOptions = {
    entryPoints: [`${root}/client/embed/${entry}`],
    bundle: true,
    format: 'esm',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    target,
    define,
    mangleProps: internal,
    write: false,
    tsconfigRaw: {},
  }
  const { outputFiles = [] } = await build(options)
  return outputFiles[0]?.text ?? ''
}

async function minified(text: string, loader: 'js' | 'css'): Promise<string> {
  return (
    await transform(text, {
      loader,
      minify: true,
      charset: 'utf8',
      target,
      format: loader === 'js' ? 'esm' : undefined,
    } as never)
  ).code
}

/** Each file's bytes as they go over the wire from most CDNs. */
export function gzippedBytes(text: string): number {
  return gzipSync(text, { level: 9 }).length
}

if (basename(process.argv[1] ?? '') === 'build-embed.ts') {
  const files = await bundles()
  rmSync(`${root}/embed`, { recursive: true, force: true })
  mkdirSync(`${root}/embed`)
  for (const [name, text] of files) {
    writeFileSync(`${root}/embed/${name}`, text)
    console.log(`${name}: ${text.length} characters, ${gzippedBytes(text)} bytes gzipped`)
  }
}
