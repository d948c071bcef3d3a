import { accepted, type Outcome } from '../../domain/refusal.ts'
import type { LogLine, ModerationStore } from '../../store/moderation.ts'
import { commentNotFound } from '../comment-not-found.ts'
import type { Deps } from '../deps.ts'

export type AddNoteInput = { commentId: string; text: string; writtenBy: string }

/** Writes a line for other moderators into a comment's log; nothing of the comment changes. */
export async function addNote(
  { store, newId, clock }: Deps<ModerationStore>,
  input: AddNoteInput,
): Promise<Outcome<LogLine>> {
  const line = await store.addNote({ ...input, id: newId(), writtenAtMs: clock() })
  return line === null ? commentNotFound : accepted(line)
}
