import type { PublicComment } from '../src/http/routes/comments/answers.ts'

/**
 * A comment as an element of a page: never as markup, and so that nothing in it runs over what stands beside it. The name's
 * direction ends with the name, the text takes its own; the rest is in the style sheet, show-comment.css. `language` is the page's, as BCP 47 has it; times are the reader's.
 */
export function showComment(comment: PublicComment, language: string): HTMLElement {
  const article = document.createElement('article')
  article.id = `comment-${comment.id}`
  article.className = 'imprimatur-comment'
  const name = document.createElement('bdi')
  name.className = 'imprimatur-author'
  name.textContent = comment.author.name
  const time = document.createElement('time')
  time.dateTime = comment.submittedAt
  time.textContent = new Date(comment.submittedAt).toLocaleString(language, {
    dateStyle: 'long',
    timeStyle: 'short',
  })
  const body = document.createElement('p')
  body.className = 'imprimatur-body'
  body.dir = 'auto'
  body.textContent = comment.body
  article.append(name, ' ', time, body)
  return article
}
