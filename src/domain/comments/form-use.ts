/**
 * How a form was filled in, where a page has shown one. It holds off the robots that fill in whatever they find and send it at
 * once; whoever speaks to the API without a form has none of this, and is asked nothing.
 */
export type FormUse = {
  /** What stands in the field that no reader sees. */
  trap: string
  /** From showing the form to sending it; `null` where that is not known. */
  shownForMs: number | null
}

/** Nobody reads a form, fills in three fields and sends it in less than `leastMs`; 0 asks for no time. */
export function looksAutomated({ trap, shownForMs }: FormUse, leastMs: number): boolean {
  return trap !== '' || (shownForMs !== null && shownForMs < leastMs)
}
