/** How much of what stands around a comment one answer shows, and at how much of it the store looks at the most. */
export const contextLimits = {
  parents: 20,
  replies: 20,
  /** Direct replies of each kind that are looked at. */
  repliesCounted: 1_000,
  authorsLast: 10,
  /** An author's newest comments, of which their counts are. */
  authorsCounted: 1_000,
  pendingCounted: 10_000,
  decidedWithinMs: 30 * 86_400_000,
} as const
