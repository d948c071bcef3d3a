import type { Words } from './en.ts'

export const fr: Words = {
  submitted: 'Merci pour votre commentaire. Il sera visible prochainement sous réserve de validation.',
}
