/** Parameters of an address that count clicks. The page's script has the same in a place of its own, where it takes fewer bytes. */
export const countsClicks = /^(?:utm_|mc_|igshid$|ref_?src$)|(?:clid|braid)$/i

/** Takes away what counts clicks in an address, and names no other page. */
export function dropClickCounts({ searchParams }: URL): void {
  for (const name of [...searchParams.keys()]) if (countsClicks.test(name)) searchParams.delete(name)
}
