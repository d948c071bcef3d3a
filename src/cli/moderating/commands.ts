import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Terminal } from '../terminal.ts'
import type { DecideOptions } from './decide.ts'
import type { ModerateOptions } from './moderate.ts'
import type { PrintOptions } from './print.ts'
import type { QueueOptions } from './queue.ts'
import type { SearchOptions } from './search.ts'
import type { ConnectionOptions } from './service.ts'

type Common = ConnectionOptions & PrintOptions

/** What moderators do in a terminal, against a running service. */
export function addModeratingCommands(program: Command, terminal: Terminal): void {
  const ofDesk = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option('--token-file <file>', 'the file of a token of scope moderate; data/moderator-token otherwise')
      .addHelpText('after', about)

  listing(ofDesk('queue', 'list what waits at a running service, oldest first'))
    .addOption(new Option('--status <status>', 'those, and not pending ones').choices(statuses))
    .option('--article <id>', 'of this article alone')
    .addOption(
      new Option('--order <order>', 'oldest first otherwise').choices(['oldest', 'newest', 'decided']),
    )
    .action(async (options: QueueOptions) =>
      (await import('./queue.ts')).queueCommand(terminal, options, Date.now()),
    )

  placing(
    listing(ofDesk('search', 'find comments by words in name, address and text, or by an id or permalink')),
  )
    .argument('[words...]', 'all of them; the last may be the beginning of a word')
    .addOption(new Option('--status <statuses...>', 'those alone').choices(statuses))
    .option('--same-author-as <id>', "with the address of this comment's author")
    .option('--decided-by <name>', 'a moderator, or me')
    .option('--reason-code <code>', 'rejected for this reason')
    .addOption(new Option('--claim <whose>', 'who has claimed them').choices(['mine', 'others', 'none']))
    .addOption(new Option('--order <order>', 'newest first otherwise').choices(['newest', 'oldest']))
    .action(async (words: string[], options: SearchOptions) =>
      (await import('./search.ts')).searchCommand(terminal, words, options, Date.now()),
    )

  for (const [verdict, description] of [
    ['approve', 'let comments be public'],
    ['reject', 'keep comments from the public, or take them from it'],
    ['reopen', 'give decided comments back to the queue'],
  ] as const) {
    const command = ofDesk(verdict, description)
      .argument(
        '<ids...>',
        '- reads them from standard input: ids, or lines of JSON as queue and search print them',
      )
      .option('--note <text>', 'for moderators only')
      .option('--json', 'JSON on a terminal too')
    if (verdict !== 'reopen')
      command
        .option('--reason <text>', 'what the author is told')
        .option('--reason-code <code>', 'one of the ready reasons: the author is told its text')
        .option('--anyway', 'even where a colleague has decided already')
    if (verdict === 'approve')
      command.addOption(
        new Option('--replies <what>', 'bring back what went along with its rejection').choices(['restore']),
      )
    if (verdict === 'reject')
      command
        .addOption(
          new Option('--replies <what>', 'reject the approved replies below as well').choices(['reject']),
        )
        .option('--replies-reason <text>', 'what their authors are told')
    command.action(async (ids: string[], options: DecideOptions) =>
      (await import('./decide.ts')).decideCommand(terminal, verdict, ids, options, Date.now()),
    )
  }

  ofDesk('undo', 'lead back to before your last decision, unless somebody decided since')
    .argument('[id]', 'or before the last one about this comment, if it is yours')
    .option('--json', 'JSON on a terminal too')
    .action(async (id: string | undefined, options: Common) =>
      (await import('./undo.ts')).undoCommand(terminal, id, options, Date.now()),
    )

  ofDesk('erase', "erase a comment's text, name and address for good, as its author could")
    .argument('<id>', 'the comment')
    .requiredOption('--reason <text>', 'why; it stands in the log')
    .option('--note <text>', 'for moderators only')
    .option('--json', 'JSON on a terminal too')
    .action(async (id: string, options: Common & { reason: string; note?: string }) =>
      (await import('./erase.ts')).eraseCommand(terminal, id, options),
    )

  ofDesk('note', 'leave colleagues a note in the log of a comment')
    .argument('<id>', 'the comment')
    .argument('<text...>', 'what it says')
    .option('--json', 'JSON on a terminal too')
    .action(async (id: string, words: string[], options: Common) =>
      (await import('./note.ts')).noteCommand(terminal, id, words, options),
    )

  ofDesk('summary', 'what waits, who decided what today, how long it took')
    .option('--json', 'JSON on a terminal too')
    .action(async (options: Common) =>
      (await import('./summary.ts')).summaryCommand(terminal, options, Date.now()),
    )

  placing(ofDesk('moderate', 'show one comment at a time, and take one key for each decision'))
    .addOption(new Option('--order <order>', 'oldest first otherwise').choices(['oldest', 'newest']))
    .action(async (options: ModerateOptions) =>
      (await import('./moderate.ts')).moderateCommand(terminal, options, Date.now),
    )
}

const statuses = ['pending', 'approved', 'rejected', 'withdrawn']

function listing(command: Command): Command {
  return command
    .addOption(
      new Option('--limit <count>', 'at most so many; 20 otherwise').argParser(count).conflicts('all'),
    )
    .option('--all', 'all of them')
    .option('--json', 'a line of JSON for each, as in a pipe')
}

function placing(command: Command): Command {
  return command
    .option('--article <id>', 'of this article alone; may be given several times', collected)
    .option('--article-prefix <text>', 'of articles whose ids begin like this')
    .option('--from <time>', 'submitted from this day on (2026-11-30), or moment', (text) => moment(text, 0))
    .option('--to <time>', 'up to this day, which is included, or moment, which is not', (text) =>
      moment(text, 1),
    )
}

const about = `
It asks the service at IMPRIMATUR_URL (http://127.0.0.1:3000 otherwise), with the token in the file that --token-file or
IMPRIMATUR_TOKEN_FILE names, or that is IMPRIMATUR_TOKEN. Exit code 0: all done; 1: a fault; 3: some of it refused.`

function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 to 999999.')
  return Number(text)
}

/** And not all words up to the next option, which may be what is searched for. */
function collected(text: string, before: string[] = []): string[] {
  return [...before, text]
}

const dayMs = 86_400_000

/** A day of UTC, or the moment `days` later; RFC 3339 otherwise. */
function moment(text: string, days: number): string {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text)
  const ms = Date.parse(isDay ? `${text}T00:00:00Z` : text)
  // Of a day that there is not, such as 2026-02-30, JavaScript makes another.
  const isThere = new Date(Date.parse(text.slice(0, 10))).toJSON()?.startsWith(text.slice(0, 10))
  if (Number.isNaN(ms) || !/^\d{4}-\d\d-\d\d(?:$|T)/.test(text) || !isThere)
    throw new InvalidArgumentError('Say a day, 2026-11-30, or a moment, 2026-11-30T12:00:00Z.')
  return new Date(isDay ? ms + days * dayMs : ms).toISOString()
}
