import { z } from 'zod'
import { commentLimits } from '../../../domain/comments/comment.ts'
import { emailPattern } from '../../../domain/comments/email-address.ts'
import { codePointLength, isStorable } from '../../../domain/text.ts'
import { wrong } from '../../field-errors.ts'
import { commentId, requiredAnd, text } from '../../fields.ts'

/** `emailPattern` for the document, but for the 64 and for the length of the last label: see `fields.ts` on its patterns. */
const letter = '[^\\x00-@\\[-`{-\\xa0]'
const inLabel = '[^\\x00-,./:-@\\[-`{-\\xa0]'
const endOfLabel = '[^\\x00-/:-@\\[-`{-\\xa0]'
const portableAtom = '[^\\x00-\\x20"(),.:;<>@\\[-\\]\\x7f-\\xa0]+'
const portableLabel = `${endOfLabel}(?:${inLabel}*${endOfLabel})?`
const notOfDigits = `(?:[0-9]*${letter}(?:${inLabel}*${endOfLabel})?|[0-9]+-(?:${inLabel}*${endOfLabel}))`
/** White space, by what it is not: what a class of spaces is differs from engine to engine (Go's is that of ASCII). */
const around = '[^\\x00-\\x08\\x0e-\\x1f!-\\x9f\\xa1-\\xff]*'
const portableEmail = `${portableAtom}(?:\\.${portableAtom})*@${portableLabel}(?:\\.${portableLabel})*\\.${notOfDigits}`

export const email = z
  .string()
  // Autofill on phones puts a space behind an address.
  .trim()
  .refine(isStorable, {
    ...wrong('not-storable', 'must not contain NUL characters or ill-formed Unicode'),
    abort: true,
  })
  .refine((value) => codePointLength(value) <= commentLimits.email, {
    ...wrong('too-long', `must be at most ${commentLimits.email} characters long`),
    abort: true,
  })
  .refine(
    (value) => emailPattern.test(value),
    wrong('not-an-email', 'must be an e-mail address, such as ada@example.org'),
  )
  .meta({
    description:
      'Never shown publicly. Kept for the moderators until the comment is withdrawn. White space around it is taken off.',
    examples: ['ada@example.org'],
    override: {
      minLength: 5,
      maxLength: commentLimits.email,
      pattern: `^${around}${portableEmail}${around}$`,
    },
  })

/** draft-ietf-httpapi-idempotency-key-header; quoted or not, the value is taken as it stands. */
export const idempotencyKey = z
  .string()
  .refine(
    (value) => /^[\x20-\x7e]{1,255}$/.test(value),
    wrong('not-a-key', 'must be 1 to 255 printable ASCII characters'),
  )
  .optional()
  .meta({
    description:
      'Makes a retry safe for 24 hours: the same key with the same body gets the first answer again. Use a random UUID.',
    examples: ['8e03978e-40d5-43e8-bc93-6894a57f9324'],
    override: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x20-\\x7e]{1,255}$' },
  })

/** Case aside, and full-width letters with it. */
function isIn(part: string, text: string): boolean {
  const plain = (written: string) => written.normalize('NFKC').toLowerCase()
  return plain(text).includes(plain(part))
}

/** More than any robot needs to show itself. */
const longestTrap = 2_000

const formUse = z
  .strictObject({
    trap: z
      .string()
      .max(longestTrap, { error: `must be at most ${longestTrap} characters long` })
      .meta({
        description: 'What stands in the field that no reader sees. Anything but nothing is refused.',
        examples: [''],
        override: { maxLength: longestTrap, pattern: '^[^\\x00]*$' },
      }),
    shownForMs: z
      .int({ error: requiredAnd('must be a whole number of milliseconds') })
      .min(0, { error: 'must not be less than 0' })
      .optional()
      .meta({
        description: 'Milliseconds from showing the form to sending it.',
        examples: [48_000],
        override: { type: 'integer', format: 'int64', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      }),
  })
  .meta({
    id: 'FormUse',
    description:
      'How a form on a page was filled in, to hold off the robots that fill in every field and send at once. What comes from no form leaves it out, and is asked nothing of the kind.',
  })

export const submissionBody = z
  .strictObject({
    author: z
      .strictObject({
        name: text('line', commentLimits.name, {
          description:
            'Shown with the comment; must not hold the e-mail address that is sent with it. Whoever shows it isolates its direction (`<bdi>`), escapes it, and lets runs of white space collapse.',
          examples: ['Ada'],
        }),
        email,
      })
      .refine(({ name, email }) => !emailPattern.test(email) || !isIn(email, name), {
        ...wrong('holds-the-address', 'must not hold the e-mail address, which is never shown: the name is'),
        path: ['name'],
      })
      .meta({ id: 'SubmissionAuthor' }),
    body: text('prose', commentLimits.body, {
      description:
        'Plain text, kept as it was sent. No markup is interpreted: whoever shows it escapes it, isolates its direction (`dir="auto"`), keeps its line breaks and breaks long words.',
      examples: ['A fine article.'],
    }),
    parentId: commentId
      .nullish()
      .meta({ description: 'The approved comment of the same article that this one replies to.' }),
    form: formUse.optional(),
  })
  .meta({
    id: 'Submission',
    examples: [{ author: { name: 'Ada', email: 'ada@example.org' }, body: 'A fine article.' }],
  })
