import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'
import { gzippedBytes } from './build-embed.ts'

/*
 * Bundles the moderators' page into `desk/`, which is committed: a start needs no bundler. A test bundles it anew and compares,
 * so that it cannot fall behind.
 */

const root = fileURLToPath(new URL('..', import.meta.url))

/** Browsers of the last three years. */
const target = ['chrome123', 'firefox121', 'safari17.5']

/** The files by their names, as they are to stand in `desk/`. */
export async function deskBundles(): Promise<Map<string, string>> {
  const source = (name: string) => readFileSync(`${root}/client/desk/${name}`, 'utf8')
  const { outputFiles = [] } = await build({
    entryPoints: [`${root}/client/desk/main.ts`],
    bundle: true,
    format: 'esm',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    target,
    write: false,
    tsconfigRaw: {},
  })
  const style = await transform(source('desk.css'), { loader: 'css', minify: true, charset: 'utf8', target })
  return new Map([
    ['desk.css', style.code],
    ['desk.js', outputFiles[0]?.text ?? ''],
    ['index.html', source('index.html')],
  ])
}

if (basename(process.argv[1] ?? '') === 'build-desk.ts') {
  mkdirSync(`${root}/desk`, { recursive: true })
  for (const [name, text] of await deskBundles()) {
    writeFileSync(`${root}/desk/${name}`, text)
    console.log(`${name}: ${text.length} characters, ${gzippedBytes(text)} bytes gzipped`)
  }
}
