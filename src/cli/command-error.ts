/** Ends the command with these sentences, and exit code 1 unless it says another. */
export class CommandError extends Error {
  readonly lines: readonly string[]
  readonly exitCode: number

  constructor(lines: readonly string[], exitCode = 1) {
    super(lines.join('\n'))
    this.lines = lines
    this.exitCode = exitCode
  }
}
