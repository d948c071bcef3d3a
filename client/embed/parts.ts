/** The digest of all that is not in this script: put in where it is bundled. */
declare const PARTS: string

/** Where this very script came from. */
export const script = import.meta.url

/** The address of a file beside the script, of the same version: `fr.js` as `…/embed/fr-3f9c1a20bd.js`. */
export function partUrl(name: string): string {
  return new URL(name.replace('.', `-${PARTS}.`), script).href
}
