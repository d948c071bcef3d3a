/** English, which every other language has to have a word for each of. */
export const en = {
  /** After a submission. */
  submitted: 'Thank you for your comment. It will appear once a moderator has approved it.',
  /** The titles of feeds. */
  feedOfSite: 'Comments',
  feedOfArticle: 'Comments on {title}',
  /** The title of a comment in a feed. */
  feedEntry: '{name} on {title}',
}

/** What readers and moderators are told: a language that lacks one of the keys does not compile. */
export type Words = { readonly [Key in keyof typeof en]: string }
