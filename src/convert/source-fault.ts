/** Where in a file, both from 1. */
export type Place = { line: number; column: number }

/** A file that cannot be read, in one sentence that quotes nothing of it: readers' words and addresses are in it. */
export class SourceFault extends Error {
  readonly place: Place | null

  constructor(sentence: string, place: Place | null = null) {
    super(place === null ? sentence : `Line ${place.line}, column ${place.column}: ${sentence}`)
    this.place = place
  }
}
