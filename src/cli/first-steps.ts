import { onOneLine } from '../domain/text.ts'

/** Where whoever has a shell beside the service finds a moderator's token. */
export type TokenPlace =
  | { kind: 'file'; path: string }
  /** In `MODERATOR_TOKEN`, which another terminal does not have. */
  | { kind: 'environment' }
  /** In the hands of whoever made it. */
  | { kind: 'elsewhere' }

/**
 * Lines to paste: submit, look at the queue, approve, list. `reach` is the command that runs another where the service's files
 * are, such as `docker exec ID`; empty where that is this machine.
 */
export function firstSteps(origin: string, token: TokenPlace, reach: string, hasDesk: boolean): string {
  const comment = '{"author":{"name":"Ada","email":"ada@example.org"},"body":"A fine article."}'
  const bearer = '-H "Authorization: Bearer $TOKEN"'
  return [
    '',
    'Imprimatur is ready. To try it, paste these lines into another terminal: submit a comment, see it wait, approve it, read it.',
    ...tokenLines(token, reach),
    `ID=$(curl -s -H 'Content-Type: application/json' -d '${comment}' ${origin}/v1/articles/hello/comments | tee /dev/stderr | sed 's/^{"id":"\\([^"]*\\)".*/\\1/')`,
    `curl ${bearer} ${origin}/v1/moderation/comments`,
    `curl ${bearer} -X POST ${origin}/v1/moderation/comments/$ID/approve`,
    `curl ${origin}/v1/articles/hello/comments`,
    '',
    ...(hasDesk ? [`The moderators' desk, which asks for the token: ${origin}/desk`] : []),
    `The API, to read and to try: ${origin}/docs`,
    '',
    '',
  ].join('\n')
}

function tokenLines(token: TokenPlace, reach: string): string[] {
  switch (token.kind) {
    case 'file':
      return ['', `TOKEN=$(${reach === '' ? '' : `${reach} `}cat ${forShell(token.path)})`]
    case 'environment':
      return [
        'First put the value of MODERATOR_TOKEN, with which this was started, between the quotes.',
        '',
        "TOKEN=''",
      ]
    case 'elsewhere':
      return [
        'First put a token of yours between the quotes; imprimatur token create --name NAME makes one.',
        '',
        "TOKEN=''",
      ]
  }
}

/**
 * What runs a command in this container from outside: its name is its host's, unless somebody gave it another. Empty where this
 * is none, or one that somebody works in: there the service is neither the first process nor a child of it.
 */
export function reachOf(
  exists: (path: string) => boolean,
  env: Readonly<Record<string, string | undefined>>,
  hostname: string,
  { pid, ppid }: { pid: number; ppid: number },
): string {
  if (pid !== 1 && ppid !== 1) return ''
  if (env['KUBERNETES_SERVICE_HOST'] !== undefined) return `kubectl exec ${hostname} --`
  if (exists('/run/.containerenv')) return `podman exec ${hostname}`
  return exists('/.dockerenv') ? `docker exec ${hostname}` : ''
}

/** A path as a shell takes it, whatever is in it; a plain one stays as it is. */
function forShell(path: string): string {
  const file = path.startsWith('-') ? `./${path}` : path
  if (/^[\w./-]+$/.test(file)) return file
  // A shell would take what is shown of a control character for something else; it is told all the same.
  return `'${onOneLine(file).replaceAll("'", "'\\''")}'`
}
