import t from 'tap'
import type { z } from 'zod'
import type * as Wire from '../../client/desk/wire.ts'
import type {
  commentContext,
  DecisionLine,
  DecisionOutcome,
  LogLine,
  ModeratedComment,
  QueuedComment,
  reasonList,
  summaryAnswer,
  viewedComment,
} from '../../src/http/routes/moderation/answers.ts'

/*
 * What the desk takes for granted of the service's answers, held against what they are by the compiler: the desk's own tsconfig
 * knows nothing of a server.
 */

type Takes<Wanted, Given extends Wanted> = Given

type Checked = [
  Takes<Wire.Comment, ModeratedComment>,
  Takes<Wire.QueuedComment, QueuedComment>,
  Takes<Wire.ViewedComment, z.infer<typeof viewedComment>>,
  Takes<Wire.Decision, DecisionLine>,
  Takes<Wire.LoggedDecision, LogLine>,
  Takes<Wire.DecisionOutcome, DecisionOutcome>,
  Takes<Wire.Context, z.infer<typeof commentContext>>,
  Takes<Wire.Summary, z.infer<typeof summaryAnswer>>,
  Takes<{ reasons: Wire.Reason[] }, z.infer<typeof reasonList>>,
]

t.test('the compiler has looked', async (t) => {
  const checked: Checked['length'] = 9
  t.equal(checked, 9)
})
