/**
 * Three lines to paste: submit, look at the queue, list. `tokenFile` is `null` where there is none: then the token is in
 * the environment, or in somebody's hands.
 */
export function firstSteps(origin: string, tokenFile: string | null, isInEnvironment: boolean): string {
  const token = tokenFile === null ? '$MODERATOR_TOKEN' : `$(cat ${forShell(tokenFile)})`
  const comment = '{"author":{"name":"Ada","email":"ada@example.org"},"body":"A fine article."}'
  return [
    '',
    'Imprimatur is ready. To try it, paste these lines: submit a comment, see the queue, list the article.',
    '',
    `curl -H 'Content-Type: application/json' -d '${comment}' ${origin}/v1/articles/hello/comments`,
    `curl -H "Authorization: Bearer ${token}" ${origin}/v1/moderation/comments`,
    `curl ${origin}/v1/articles/hello/comments`,
    '',
    'The list is empty until you approve the comment, by the id that the queue shows:',
    `POST ${origin}/v1/moderation/comments/ID/approve, with the same Authorization header.`,
    ...(tokenFile === null && !isInEnvironment
      ? ['MODERATOR_TOKEN stands for a token of yours; imprimatur token create --name NAME makes one.']
      : []),
    '',
    `The API, to read and to try: ${origin}/docs`,
    '',
    '',
  ].join('\n')
}

/** A path as a shell takes it, whatever is in it; a plain one stays as it is. */
function forShell(path: string): string {
  const file = path.startsWith('-') ? `./${path}` : path
  return /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`
}
