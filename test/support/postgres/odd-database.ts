import { ask, freshDatabase, type Owner } from './databases.ts'

/**
 * The URL of an empty database, dropped with the test, that is set up as oddly as an operator can: its words are Turkish, its
 * time is Newfoundland's, half an hour off all others, and its transactions are stricter than they are by themselves.
 */
export async function oddDatabase(
  t: Owner,
  options = "LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR' LOCALE 'C'",
): Promise<string> {
  const beside = await freshDatabase(t)
  const url = new URL(beside)
  url.pathname += '_odd'
  const name = url.pathname.slice(1)
  await ask(beside, `CREATE DATABASE ${name} TEMPLATE template0 ${options}`)
  t.teardown(() => ask(beside, `DROP DATABASE ${name} WITH (FORCE)`))
  for (const setting of [
    "timezone = 'America/St_Johns'",
    "datestyle = 'SQL, DMY'",
    "intervalstyle = 'sql_standard'",
    'extra_float_digits = 0',
    "client_encoding = 'LATIN1'",
    "bytea_output = 'escape'",
    "default_transaction_isolation = 'repeatable read'",
  ])
    await ask(beside, `ALTER DATABASE ${name} SET ${setting}`)
  return url.href
}
