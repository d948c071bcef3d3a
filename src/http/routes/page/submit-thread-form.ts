import { isClosed } from '../../../domain/articles/article.ts'
import { commentLimits } from '../../../domain/comments/comment.ts'
import { listComments } from '../../../operations/comments/list-comments.ts'
import { type FormField, type FormState, trapField } from '../../../page/form.ts'
import { fieldAt, fieldFault, refusalText } from '../../../page/form-faults.ts'
import { numbered } from '../../../page/phrase.ts'
import { codeOf } from '../../field-errors.ts'
import { commentId } from '../../fields.ts'
import { pageHeaders } from '../../page-headers.ts'
import { type Problem, problemTable } from '../../problems.ts'
import { type Answer, defineRoute, type RouteDeps } from '../../route.ts'
import { submissionBody } from '../comments/requests.ts'
import { acceptSubmission } from '../comments/submit-comment.ts'
import { htmlMediaType, onwards } from './answers.ts'
import { pageBase, problemDocument, threadDocument } from './document.ts'
import { threadLinks } from './links.ts'
import { presentThread } from './present.ts'
import { parentOf } from './read-thread-page.ts'
import { formBody, formLimitBytes, formQuery, threadPage, threadPath } from './requests.ts'

export const submitThreadForm = defineRoute({
  operationId: 'submitThreadForm',
  method: 'POST',
  path: '/thread/{articleId}',
  tag: 'Page',
  summary: 'Submit the form of a page',
  description:
    'What the form in `thread.html` and on `/thread/{articleId}` sends where there is no script. Taken, it leads on to the acknowledgement; otherwise the page comes back with what was typed and what is wrong beside each field. What is sent twice from one form is taken once. Programs use `POST /v1/articles/{articleId}/comments`.',
  access: 'submit',
  limits: [],
  refusals: 'refused-submissions',
  request: { path: threadPath, query: formQuery, body: formBody },
  formLimitBytes,
  mediaType: htmlMediaType,
  problemPage: (problem, deps, url) =>
    problemDocument(deps, url, (words, language) => {
      // The form is not on this page: the browser has it behind its button.
      if (problem.code === 'body-too-large') return numbered(words.tooLong, commentLimits.body, language)
      return problem.code === 'too-many-requests' ? words.tooMany : words.notTaken
    }),
  answers: {
    303: {
      description: 'It is in the queue; go on to the acknowledgement.',
      schema: onwards,
      headers: ['Location'],
    },
  },
  problems: [
    'article-closed',
    'article-moving',
    'parent-not-available',
    'looks-automated',
    'idempotency-key-in-flight',
    'queue-full',
  ],
  async handle(context) {
    const { deps, input } = context
    const { articleId } = input.path
    const locale = input.query.lang ?? deps.defaultLanguage
    const { name, email, body, parentId, key, shown, [trapField]: trap } = input.body
    // A form ends its lines in CR LF (HTML, section 4.10.21.4), where every other client has LF.
    const typed = { name, email, body: body.replaceAll('\r\n', '\n') }
    const again = (problem: Problem, errors: Partial<Record<FormField, string>> = {}) =>
      formAgain(deps, articleId, locale, problem, { ...typed, parentId, key, shown }, errors)

    const parsed = submissionBody.safeParse(
      {
        author: { name, email },
        body: typed.body,
        parentId: parentId === '' ? null : parentId,
      },
      { reportInput: true },
    )
    if (!parsed.success) {
      const words = deps.wordsIn(locale)
      const errors: Partial<Record<FormField, string>> = {}
      for (const issue of parsed.error.issues) {
        const field = fieldAt(`/${issue.path.join('/')}`)
        if (field !== null) errors[field] ??= fieldFault(field, codeOf(issue), words, locale)
      }
      const isParent = Object.keys(errors).length === 0
      return again({ code: isParent ? 'parent-not-available' : 'invalid-request', detail: '' }, errors)
    }
    const shownAtMs = momentIn(shown)
    const outcome = await acceptSubmission(context, {
      articleId,
      parentId: parsed.data.parentId ?? null,
      author: parsed.data.author,
      body: parsed.data.body,
      language: locale,
      idempotencyKey: keyOf(key, articleId, parsed.data),
      form: {
        trap,
        shownForMs: sinceThen(deps.clock(), shownAtMs),
      },
    })
    if ('code' in outcome) return again(outcome)
    return {
      status: 303,
      headers: { location: threadLinks(pageBase, articleId, locale).page({ sent: 'yes' }) },
      text: '',
    }
  },
})

/**
 * The same form with the same content is the same submission. With the line break it is no key that a client of the API can
 * send, so nobody gets to a receipt by guessing what somebody else wrote.
 */
function keyOf(key: string, articleId: string, submission: unknown): string {
  return `form\n${JSON.stringify([key, articleId, submission])}`
}

/** The page with all that was typed. */
async function formAgain(
  deps: RouteDeps,
  articleId: string,
  locale: string,
  problem: Problem,
  typed: { name: string; email: string; body: string; parentId: string; key: string; shown: string },
  errors: FormState['errors'],
): Promise<Answer> {
  const { name, email, body, key, shown } = typed
  const found = await listComments(deps, { articleId, order: 'oldest', limit: threadPage, cursor: null })
  const { article } = found
  const isParentGone = problem.code === 'parent-not-available'
  const parentId = isParentGone ? null : (commentId.safeParse(typed.parentId).data ?? null)
  const view = presentThread(deps, found, {
    locale,
    isClosed: isClosed(article, deps.closeAfterDays, deps.clock()),
    isLater: false,
    links: threadLinks(pageBase, article.articleId, locale),
    heading: 2,
    depth: 3,
    // Where it can be seen at once.
    formAt: 'above',
    thanks: null,
    form: {
      values: { name, email, body },
      fault: refusalText(problem.code, deps.wordsIn(locale)),
      errors,
      key,
      shownAtMs: momentIn(shown) ?? deps.clock(),
      parent: await parentOf(deps, article.articleId, parentId),
    },
  })
  // Each wrong field is what the form was refused for, not how the request was made.
  const status = problem.code === 'invalid-request' ? 422 : problemTable[problem.code].status
  return {
    status,
    headers: { ...pageHeaders, ...problem.headers },
    text: await threadDocument(deps, article, view),
  }
}

/**
 * `null` where it is not known: no clock was told, or one that is ahead of this. A clock that is set back would have every form that
 * was shown before look like a robot's for as long; and a robot that makes up a moment takes one that is over.
 */
function sinceThen(nowMs: number, shownAtMs: number | null): number | null {
  return shownAtMs === null || shownAtMs > nowMs ? null : nowMs - shownAtMs
}

/** In milliseconds since 1970, as a form had it; `null` where somebody has changed it into none. */
function momentIn(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null
}
