import { ImprimaturCount } from './count-element.ts'

if (!customElements.get('imprimatur-count')) customElements.define('imprimatur-count', ImprimaturCount)
