import { z } from 'zod'
import { addNote } from '../../../operations/moderation/add-note.ts'
import { commentId } from '../../fields.ts'
import { problemOf } from '../../problems.ts'
import { defineRoute } from '../../route.ts'
import { moderatorName } from './answer-decision.ts'
import { logLine } from './answers.ts'
import { presentLogLine } from './present.ts'
import { noteBody } from './requests.ts'

export const noteComment = defineRoute({
  operationId: 'noteComment',
  method: 'POST',
  path: '/v1/moderation/comments/{commentId}/notes',
  tag: 'Moderation',
  summary: 'Write a note for other moderators',
  description:
    "A line in the comment's log that changes nothing about it, its version included. Only moderators see it, and nobody can take it back.",
  access: 'moderate',
  limits: [],
  request: { path: z.strictObject({ commentId }), body: noteBody },
  answers: { 201: { description: 'It is in the log.', schema: logLine, headers: ['Location'] } },
  problems: ['comment-not-found'],
  indented: true,
  async handle({ deps, input, caller, log }) {
    const { commentId } = input.path
    const writtenBy = moderatorName(caller.token)
    const written = await addNote(deps, { commentId, text: input.body.text, writtenBy })
    if (!written.ok) return problemOf(written.refusal)
    log.info({ event: 'note', commentId, decidedBy: writtenBy }, 'note written')
    return {
      status: 201,
      headers: { location: `/v1/moderation/comments/${commentId}` },
      body: presentLogLine(written.value),
    }
  },
})
