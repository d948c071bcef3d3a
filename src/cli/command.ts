import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { formatNames } from '../convert/format-names.ts'
import { commentStatuses } from '../domain/comments/comment.ts'
import { onOneLine } from '../domain/text.ts'
import { isTokenName, type TokenScope, tokenScopes } from '../domain/tokens/token.ts'
import { formatNames as exportFormats } from '../export/format.ts'
import { StoreFault } from '../store/store-fault.ts'
import { conversionOptions } from './conversion-options.ts'
import type { ConvertFlags } from './convert.ts'
import { type Expiry, expiry } from './expiry.ts'
import type { ExportOptions } from './export.ts'
import type { ImportFlags } from './import-what.ts'
import { addModeratingCommands } from './moderating/commands.ts'
import { CommandError, type Terminal } from './terminal.ts'

/**
 * Runs one `imprimatur` command and resolves to the process's exit code: 0, or with a sentence on stderr 1, or another where the
 * command documents it.
 */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = imprimatur(terminal, args)
  try {
    // Not commander's default command: that would take a misspelt command for an argument of `serve`.
    await command.parseAsync(args.length === 0 ? ['serve'] : [...args], { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode
    for (const line of linesOf(error)) terminal.stderr.write(`${onOneLine(line)}\n`)
    return error instanceof CommandError ? error.exitCode : 1
  }
}

/** A fault of the database is no bug either: it is told in a sentence. */
function linesOf(error: unknown): readonly string[] {
  if (error instanceof CommandError) return error.lines
  if (!(error instanceof StoreFault)) throw error
  return [`The database cannot be read or written: ${error.message}`]
}

/** Each subcommand's module is imported only when it runs: `token list` has no use for a web server. */
function imprimatur(terminal: Terminal, args: readonly string[]): Command {
  const program = new Command('imprimatur')
    .description("Holds readers' comments until a moderator says yes.")
    .version(version())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(withArgumentsOnOneLine(text, args)),
    })

  program
    .command('serve')
    .description('start the service (the default); settings come from the environment')
    .action(async () => (await import('./serve.ts')).serve(terminal))

  program
    .command('migrate')
    .description('bring the database up to this version, which serve does as well')
    .action(async () => (await import('./migrate.ts')).migrateDatabase(terminal))

  program
    .command('backup')
    .description('copy the database to a file and check the copy, while the service runs or not')
    .argument('<file>', 'where to; its folder has to be there')
    .option('--force', 'replace the file where there is one')
    .action(async (file: string, options: { force?: true }) =>
      (await import('./backup.ts')).backUpDatabase(terminal, file, options),
    )

  program
    .command('export')
    .description(
      'write everything to a file that import reads, or comments for others, while the service runs or not',
    )
    .argument('<file>', 'where to; its folder has to be there; - is standard output')
    .option('--force', 'replace the file where there is one, and what a broken export has left')
    .option('--resume', 'go on with an export that broke off')
    .addOption(
      new Option('--format <format>', 'a file for another system, or for a spreadsheet').choices(
        exportFormats,
      ),
    )
    .addOption(
      new Option(
        '--status <statuses...>',
        'with --format: which comments, instead of all that it can tell apart',
      ).choices(commentStatuses),
    )
    .option(
      '--origin <url>',
      'with --format: where the pages are whose ids are paths, such as https://example.org',
    )
    .action(async (file: string, options: ExportOptions) =>
      (await import('./export.ts')).exportDatabase(terminal, file, options),
    )

  const importing = program
    .command('import')
    .description('fill a database without comments with what export has written, or another system')
    .argument('[file...]', 'where from; - is standard input; of another system all files of one site')
    .option('--resume', 'go on with an import of this file that broke off')
    .addOption(
      new Option(
        '--add',
        'add what is not there yet to a database in use, while the service runs or not',
      ).conflicts('resume'),
    )
    .option(
      '--from [format]',
      `the files are of another system: ${formatNames.join(', ')}; without a name it is told from them`,
    )
  for (const option of conversionOptions()) importing.addOption(option)
  importing.action(async (files: string[], options: ImportFlags) =>
    (await import('./import-what.ts')).importWhat(terminal, files, options),
  )

  const converting = program
    .command('convert')
    .description('write what other systems have exported in the format that import reads')
    .argument(
      '<format or file...>',
      `the format, if it is not to be told from the files (${formatNames.join(', ')}); then the files of one site`,
    )
    .option('-o, --output <file>', 'write to this new file, for its owner alone, and not to standard output')
  for (const option of conversionOptions()) converting.addOption(option)
  converting.action(async (args: string[], options: ConvertFlags & { output?: string }) =>
    (await import('./convert.ts')).convertFiles(terminal, args, options),
  )

  program
    .command('articles')
    .description('move articles to other ids')
    .command('move')
    .description('let new ids answer for old ones, with all their comments, while the service runs or not')
    .requiredOption('--map <file>', 'a line for each: the old id, a tab, the new id; - is standard input')
    .action(async (options: { map: string }) =>
      (await import('./articles.ts')).moveArticlesCommand(terminal, options),
    )

  program
    .command('embed')
    .description('print what a site pastes into its pages, and what its content policy has to allow')
    .option('--url <url>', "where readers' browsers reach the service; PUBLIC_URL where it is not given")
    .action(async (options: { url?: string }) => (await import('./embed.ts')).printEmbed(terminal, options))

  program
    .command('contract')
    .description('hold a running service to its contract, over HTTP, with the token that is MODERATOR_TOKEN')
    .argument('<url>', 'the service itself, such as http://127.0.0.1:3000, and no CDN before it')
    .action(async (url: string) => (await import('./contract.ts')).holdToContract(terminal, url))

  addModeratingCommands(program, terminal)

  const token = program.command('token').description('create, list and revoke tokens')
  token
    .command('create')
    .description('create a token and print it, once, or write it to a file')
    .requiredOption('--name <name>', 'whose it is; decisions carry it', tokenName)
    .addOption(
      new Option('--scope <scopes...>', 'what it may do').choices([...tokenScopes]).default(['moderate']),
    )
    .option('--expires <when>', 'after so many days (90d) or at a date (2027-01-31)', expiry)
    .option('--file <file>', 'write it to this new file, for its owner alone, and print nothing')
    .action(async (options: { name: string; scope: TokenScope[]; expires?: Expiry; file?: string }) =>
      (await import('./token.ts')).createTokenCommand(terminal, options),
    )
  token
    .command('list')
    .description('list all tokens, without their secrets')
    .option('--json', 'as JSON')
    .action(async (options: { json?: true }) =>
      (await import('./token.ts')).listTokensCommand(terminal, options),
    )
  token
    .command('revoke')
    .description('end a token at once')
    .argument('<name>', 'as token list shows it')
    .action(async (name: string) => (await import('./token.ts')).revokeTokenCommand(terminal, name))

  return program
}

function tokenName(text: string): string {
  if (!isTokenName(text)) {
    throw new InvalidArgumentError('A name is 1 to 100 letters, digits, spaces, . _ @ or -.')
  }
  return text
}

/** What commander says quotes arguments, and has lines of its own. */
function withArgumentsOnOneLine(text: string, args: readonly string[]): string {
  return args
    .filter((argument) => argument !== '')
    .reduce((told, argument) => told.replaceAll(argument, () => onOneLine(argument)), text)
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
