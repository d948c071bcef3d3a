import { setImmediate } from 'node:timers/promises'
import { htmlPieces } from '../page/html.ts'
import type { Tree } from '../page/tree.ts'

/** The tree as HTML, with a turn of the event loop between its pieces: a hundred long comments can be five million characters. */
export async function htmlText(tree: Tree): Promise<string> {
  let text = ''
  for (const piece of htmlPieces(tree)) {
    if (text !== '') await setImmediate()
    text += piece
  }
  return text
}
