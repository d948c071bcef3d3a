import { ImprimaturComments } from './element.ts'

// Loaded twice, by two names of its file, it is there once.
if (!customElements.get('imprimatur-comments'))
  customElements.define('imprimatur-comments', ImprimaturComments)
