import type { Words } from './en.ts'

export const fr: Words = {
  submitted: 'Merci pour votre commentaire. Il sera visible prochainement sous réserve de validation.',
  feedOfSite: 'Commentaires',
  feedOfArticle: 'Commentaires sur «\u00a0{title}\u00a0»',
  feedEntry: '{name} sur «\u00a0{title}\u00a0»',
}
