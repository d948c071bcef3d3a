/* What the API takes and gives, as far as the desk has to do with it. */

export type Status = 'pending' | 'approved' | 'rejected' | 'withdrawn'
export type Verdict = 'approve' | 'reject' | 'reopen'
export type Action = Verdict | 'withdraw' | 'erase' | 'note'

export type Comment = {
  id: string
  articleId: string
  articleUrl: string | null
  parentId: string | null
  status: Status
  version: number
  author: { name: string; email: string | null } | null
  body: string | null
  submittedAt: string
  publishedAt: string | null
}

export type Claim = { by: string; until: string }

export type QueuedComment = Comment & { repeats?: string | null; claim?: Claim | null }

export type Decision = {
  id: string
  action: Action
  version: number
  decidedBy: string | null
  reason: string | null
  reasonCode?: string | null
  note: string | null
  decidedAt: string
  rejectedWith: string | null
}

export type LoggedDecision = Decision & { position: number; commentId: string; articleId: string }

export type ViewedComment = QueuedComment & { decisions: Decision[] }

export type Problem = { type: string; detail?: string }

export type DecisionRequest = {
  commentId: string
  verdict: Verdict
  version?: number
  reason?: string
  reasonCode?: string
  replies?: 'keep' | 'reject' | 'restore'
}

export type DecisionOutcome = {
  commentId: string
  outcome: 'decided' | 'unchanged' | 'refused' | 'failed'
  comment: Comment | null
  problem: Problem | null
  lastDecision?: Decision | null
}

export type Page = { comments: QueuedComment[]; nextCursor: string | null }

export type Context = {
  comment: ViewedComment
  parents: Comment[]
  parentsLeftOut: boolean
  replies: { total: number; comments: Comment[] }
  article: {
    articleId: string
    title: string | null
    url: string | null
    approved: number
    pending: number
    closed: boolean
  }
  author: {
    last: { comment: Comment; lastDecision: Decision | null }[]
    counts: Record<'pending' | 'approved' | 'rejected', number>
    decided30Days: number
    rejected30Days: number
  } | null
}

export type Reason = { code: string; texts: Record<string, string> }

export type Summary = {
  moderator: string
  counts: Record<Status, number>
  oldestPendingAt: string | null
  claimed: { mine: number; others: number }
  today: { approve: number; reject: number; byModerator: { name: string; approve: number; reject: number }[] }
  waits: { medianSeconds: number | null; p90Seconds: number | null }
}

export type Filter = {
  q?: string
  status?: Status[]
  articleIds?: string[]
  articlePrefix?: string
  sameAuthorAs?: string
  submittedAfter?: string
  submittedBefore?: string
  decidedBy?: string
  reasonCode?: string
  claim?: 'mine' | 'others' | 'none'
}
