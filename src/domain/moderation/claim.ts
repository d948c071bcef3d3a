/** A moderator looks at a comment, until then. Nobody needs one to decide. */
export type Claim = { by: string; untilMs: number }

export const claimLimits = {
  /** How many one moderator holds at once. */
  held: 200,
  /** How many one call takes. */
  atOnce: 50,
  seconds: { least: 30, most: 3_600, usual: 300 },
} as const
