import { type Call, isMissing } from './api.ts'
import { articleLink, decisionParts, logOf, timeOf, type World } from './card.ts'
import { bdi, type Child, fill, h } from './dom.ts'
import type { Frame } from './frame.ts'
import type { Row } from './rows.ts'
import type { Comment, Context, Decision, Filter } from './wire.ts'

type Owner = {
  call: () => Call | null
  world: () => World
  frame: () => Frame
  find: (filter: Filter) => void
  /** More is known of it. */
  told: (row: Row) => void
}

/** Beside the cards: what stands around the one that is current. It is asked for only while it is open. */
export class ContextPanel {
  readonly #owner: Owner
  #row: Row | null = null
  isOpen = false

  constructor(owner: Owner) {
    this.#owner = owner
  }

  show(row: Row | null): void {
    this.#row = row
    this.#owner.frame().aside.hidden = !this.isOpen
    if (this.isOpen && row !== null) void this.#load(row)
  }

  async #load(row: Row): Promise<void> {
    const { context } = this.#owner.frame()
    const { words } = this.#owner.world()
    context.setAttribute('aria-busy', 'true')
    let shown: Child[]
    try {
      const around = await this.#owner.call()?.<Context>('GET', `comments/${row.comment.id}/context`)
      if (around === undefined) return
      row.decisions = around.comment.decisions
      this.#owner.told(row)
      shown = [
        h('p', { class: 'hint' }, words.contextOf(row.comment.author?.name ?? words.noAuthor)),
        ...contextParts(around, this.#owner.world(), this.#owner.find),
      ]
    } catch (error) {
      shown = [h('p', { class: 'fault' }, isMissing(error) ? words.missing : words.contextFailed)]
    }
    if (row !== this.#row) return
    fill(context, ...shown)
    context.setAttribute('aria-busy', 'false')
  }
}

/** So that nobody decides blindly. */
function contextParts(context: Context, world: World, find: (filter: Filter) => void): Child[] {
  const { words } = world
  const { comment, parents, parentsLeftOut, replies, article, author } = context
  return [
    section(
      words.articleTitle,
      h('p', {}, articleLink(article.articleId, article.url, article.title)),
      h(
        'p',
        { class: 'hint' },
        words.articleCounts(article.approved, article.pending),
        article.closed && ` · ${words.closed}`,
      ),
      h(
        'p',
        { class: 'actions' },
        h(
          'button',
          {
            type: 'button',
            'data-do': 'find-article',
            click: () => find({ articleIds: [article.articleId] }),
          },
          words.sameArticle,
        ),
      ),
    ),
    parents.length > 0 &&
      section(
        words.parents,
        parentsLeftOut && h('p', { class: 'hint' }, words.parentsLeftOut),
        others(
          parents.map((parent) => ({ comment: parent, decision: null })),
          world,
        ),
      ),
    replies.total > 0 &&
      section(
        words.replies(replies.total),
        others(
          replies.comments.map((reply) => ({ comment: reply, decision: null })),
          world,
        ),
      ),
    comment.decisions.length > 0 && section(words.log, logOf(comment.decisions, world)),
    author !== null &&
      section(
        words.author,
        h(
          'p',
          { class: 'hint' },
          words.authorCounts(author.counts.approved, author.counts.rejected, author.counts.pending),
          author.decided30Days > 0 && ` · ${words.authorRate(author.rejected30Days, author.decided30Days)}`,
        ),
        others(
          author.last.map(({ comment: other, lastDecision }) => ({ comment: other, decision: lastDecision })),
          world,
        ),
        h(
          'p',
          { class: 'actions' },
          h(
            'button',
            { type: 'button', 'data-do': 'find-author', click: () => find({ sameAuthorAs: comment.id }) },
            words.sameAuthor,
          ),
        ),
      ),
  ]
}

function section(title: string, ...children: Child[]): HTMLElement {
  return h('section', {}, h('h3', {}, title), ...children)
}

function others(all: readonly { comment: Comment; decision: Decision | null }[], world: World): Child {
  const { words, language } = world
  return (
    all.length > 0 &&
    h(
      'ol',
      { class: 'others' },
      all.map(({ comment, decision }) =>
        h(
          'li',
          {},
          h(
            'p',
            { class: 'about' },
            bdi(comment.author?.name ?? words.noAuthor),
            ' ',
            timeOf(comment.submittedAt, language),
            ' ',
            h('span', { class: `status ${comment.status}` }, words[comment.status]),
          ),
          h('p', { class: 'body', dir: 'auto' }, comment.body ?? words.noBody),
          decision !== null && h('p', { class: 'hint' }, ...decisionParts(decision, world)),
        ),
      ),
    )
  )
}
