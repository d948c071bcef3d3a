import { readFileSync } from 'node:fs'

/** The text of a file of the project, by its path from the project's root. */
export function fileText(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
}

/** The blocks of a document, without their fences, that have this in them. */
export function blocksWith(document: string, words: string): string[] {
  const blocks = [...fileText(document).matchAll(/^( *)```\w*\n([\s\S]*?)^ *```$/gm)].map(
    ([, indent = '', text = '']) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  )
  const found = blocks.filter((text) => text.includes(words))
  if (found.length === 0) throw new Error(`${document} has no block with ${words}`)
  return found
}
