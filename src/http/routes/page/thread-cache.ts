import type { RouteDeps } from '../../route.ts'

/**
 * Weak, since two that were made at different moments differ in the moment that their form tells. The markup changes with the
 * service's version and the site's words, which no revision knows of.
 */
export function threadTag(
  { markupTag }: Pick<RouteDeps, 'markupTag'>,
  revision: number,
  isClosed: boolean,
): string {
  return `W/"${revision}${isClosed ? '-closed' : ''}-${markupTag()}"`
}
