/*
 * What a file of another system says, in one vocabulary: pages, people and comments, in any order. A format's reader makes
 * these; what becomes of them is decided once, for all formats. See "To add a format" in CONTRIBUTING.md.
 */

export type SourceRecord = SourcePage | SourcePerson | SourceComment

/** A page that has comments. Said more than once, what is known of it adds up. */
export type SourcePage = {
  kind: 'page'
  /** Names it within its source: what comments say. */
  key: string
  /** A whole URL, a path, or whatever the source calls the page by; `null` where it does not say. */
  url: string | null
  /** The id that the site itself gave it. */
  identifier: string | null
  title: string | null
  /** When the page itself was published, where the source knows. */
  publishedAtMs: number | null
  isClosed: boolean
  /** Why none of its comments is taken; `null` where they are. */
  leftOut: LeftOut | null
}

/** Where authors stand apart from their comments. */
export type SourcePerson = {
  kind: 'person'
  key: string
  name: string | null
  email: string | null
  /** As with comments. */
  dropped?: readonly Dropped[]
}

export type SourceComment = {
  kind: 'comment'
  /** Of its source, and the same in each file that the source writes. Decimal ones give the order within a millisecond. */
  id: string
  /** Where the source numbers its comments for each site: the site. Else an empty text. */
  site: string
  page: string
  /** The id of the comment that it answers; `null` at the top. */
  parent: string | null
  /** A deleted one is kept as `withdrawn`, with nothing of its author's, where something stands below it. */
  state: 'approved' | 'pending' | 'rejected' | 'spam' | 'deleted' | LeftOut
  author: { name: string | null; email: string | null } | { person: string }
  /** As plain text; `null` where the source has more of it than any comment may. */
  text: string | null
  at: Moment
  /** When it was decided about, where the source knows. */
  decidedAtMs: number | null
  /** What the source says besides, and is not taken: told in the report. */
  dropped: readonly Dropped[]
}

/** Milliseconds since 1970, or why there are none. */
export type Moment = number | 'no-time' | 'time-without-zone'

/** Why a comment is not taken, each with its words for the report. */
export const leftOutReasons = {
  spam: 'spam',
  deleted: 'deleted, with nothing below',
  pending: 'waiting for a decision (--pending skip)',
  'not-a-comment': "no reader's comment: pingback, trackback, editors' note or another kind",
  'unknown-state': 'in a state that is not known here',
  unreadable: 'with a field that is of another kind than it has to be',
  'page-absent': 'on a page that is not in the file',
  'page-not-public': 'on a page that is deleted, or not published',
  'page-without-address': 'on a page that has neither link nor id',
  'article-id': 'on a page whose article id would not be valid',
  'no-id': 'without an id',
  'no-time': 'without a time that can be read',
  'time-without-zone': 'with a time that says no zone (give --zone)',
  'time-out-of-range': 'from before 1970, or from the future',
  'no-text': 'without text',
  'text-too-long': 'longer than 10,000 characters',
  'name-too-long': 'by a name longer than 100 characters',
  twice: 'there twice',
} as const

export type LeftOut = keyof typeof leftOutReasons

/** What no comment here has, in the words of the report. */
export const droppedWords = {
  ip: 'IP addresses',
  userAgent: 'user agents',
  website: 'websites',
  avatar: 'pictures of authors',
  votes: 'votes',
  pin: 'pins',
  edits: 'edits',
  email: 'e-mail addresses that are none',
  title: 'titles of more than 300 characters',
  url: 'addresses of pages that are none, or of more than 2,000 characters',
  name: 'names that are an e-mail address, which readers would see',
  subscription: 'subscriptions',
  rating: 'ratings',
} as const

export type Dropped = keyof typeof droppedWords
