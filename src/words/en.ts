/*
 * English, which every other language has to have a word for each of. In braces stands what is put in. By who needs them: a
 * page in English loads no others.
 */

/** What the server alone says. */
export const serverWords = {
  /** After a submission. */
  submitted: 'Thank you for your comment. It will appear once a moderator has approved it.',
  /** The title of a comment in a feed. */
  feedEntry: '{name} on {title}',
  commentsOn: 'Comments on {title}',
  backToArticle: 'Back to the article',
  /** In place of a page with the form, which was not even read. */
  notTaken: 'Your comment could not be sent. Please go back to the form, and try again.',
}

/** What a thread and its form say. */
export const pageWords = {
  /** The count, as a heading and by itself. */
  comments: { one: '{n} comment', other: '{n} comments' } as Plural,
  none: 'There are no comments on this article yet.',
  beFirst: 'Be the first to say what you think!',
  closed: 'This article takes no more comments.',
  commentsOfSite: 'Comments',
  feed: 'Comments as an Atom feed',
  leaveComment: 'Leave a comment',
  replyTo: 'Reply to {name}',
  allRequired: 'All fields are required.',
  name: 'Name',
  email: 'Email',
  emailHint: 'Your email will not be shown publicly.',
  body: 'Comment',
  send: 'Send',
  sending: 'Sending…',
  rules: 'Rules for comments',
  privacy: 'Privacy',
  /** The label of a field that no reader sees, and only a robot fills in. */
  trap: 'Leave this field empty',
  reply: 'Reply',
  cancelReply: 'Do not reply',
  inReplyTo: 'in reply to {name}',
  inReplyToNobody: 'in reply to a comment that is not shown here',
  more: 'More comments',
  firstComments: 'The first comments',
  show: 'Show the comments',
  loading: 'The comments are on their way…',
  unavailable: 'The comments cannot be shown at the moment.',
  tryAgain: 'Try again',
  notSent: 'Your comment could not be sent. What you wrote is still here: please try again.',
}

/** To the author, of a comment that has been sent from here. */
export const authorWords = {
  waits: 'Your comment waits for a moderator.',
  published: 'Your comment is published.',
  rejected: 'Your comment was not approved.',
  rejectedBecause: 'Your comment was not approved: {reason}',
  withdraw: 'Withdraw it',
  withdrawForGood: 'Withdraw it for good?',
  keepIt: 'Keep it',
  withdrawn: 'Your comment was withdrawn.',
  notWithdrawn: 'Your comment could not be withdrawn. Please try again.',
}

/** What is wrong with a field, or why a comment was not taken. */
export const faultWords = {
  required: 'Please fill this in.',
  tooLong: { one: 'At most {n} character, please.', other: 'At most {n} characters, please.' } as Plural,
  notAnEmail: 'Please give an email address, such as ada@example.org.',
  holdsTheAddress: 'Your name is shown, so it must not contain your email address.',
  notStorable: 'Some of these characters cannot be used here.',
  invalid: 'This is not valid.',
  tooMany: 'Too many comments are arriving at the moment. Please try again in a minute.',
  full: 'Too many comments wait for a moderator already. Please try again later.',
  parentGone: 'The comment that you reply to is no longer there.',
  looksAutomated:
    'That looked like a robot: it was sent faster than people write, or a hidden field was filled in. Please wait a few seconds, and send it again.',
  correct: 'Please look at what is marked, and send it again.',
}

/** By what `Intl.PluralRules` calls the numbers of a language. */
export type Plural = { readonly other: string } & {
  readonly [Category in Exclude<Intl.LDMLPluralRule, 'other'>]?: string
}

/** A site's own words for some of the keys, by language. */
export type OwnWords = { readonly [Code in string]?: Partial<Words> }

type English = typeof serverWords & typeof pageWords & typeof authorWords & typeof faultWords

/** What readers and moderators are told: a language that lacks one of the keys does not compile. */
export type Words = {
  readonly [Key in keyof English]: English[Key] extends string ? string : Plural
}

export type PageWords = Pick<Words, keyof typeof pageWords>
export type AuthorWords = Pick<Words, keyof typeof authorWords>
export type FaultWords = Pick<Words, keyof typeof faultWords | 'closed' | 'notSent'>
