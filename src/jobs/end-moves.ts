import { finishMoves } from '../operations/articles/move-article.ts'
import type { Job } from './job.ts'

/** Ends the moves of articles that were cut short, by a crash or by a caller's end. */
export const endMoves: Job = {
  name: 'end-moves',
  everyMs: 60_000,
  longestStepMs: 300_000,
  async step(deps) {
    await finishMoves(deps)
    return 'done'
  },
}
