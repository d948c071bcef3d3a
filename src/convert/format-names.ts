/** As the command takes them. They stand by themselves, so that a command which converts nothing loads no parser. */
export const formatNames = [
  'disqus',
  'wordpress',
  'isso',
  'remark42',
  'commento',
  'comentario',
  'artrans',
  'waline',
  'coral',
] as const
export type FormatName = (typeof formatNames)[number]

/** As people write it: `WordPress` is `wordpress`. */
export function formatCalled(name: string): FormatName | null {
  return formatNames.find((one) => one === name.toLowerCase()) ?? null
}
