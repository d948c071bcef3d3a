import { Option } from 'commander'
import { articleKinds, slashKinds } from '../convert/article-ids.ts'

/** How what comes from another system is made ours; `import --from` has them too. */
export function conversionOptions(): Option[] {
  const choice = (flags: string, description: string, choices: readonly string[]) =>
    new Option(flags, description).choices(choices)
  return [
    choice(
      '--article <kind>',
      "what of a page's address becomes the article's id (default: path)",
      articleKinds,
    ),
    choice('--slash <kind>', 'what becomes of slashes at the end of paths (default: keep)', slashKinds),
    new Option(
      '--origin <url>',
      'the site, where the files have paths only, such as https://www.example.org',
    ),
    new Option('--prefix <text>', 'goes before each id'),
    new Option(
      '--map <file>',
      'a line for each page with another id: what the files have, a tab, the id; a * ends both',
    ),
    new Option(
      '--known <file>',
      "ids, URLs or a sitemap of the site's pages; stops where under 90 % are met; may be repeated",
    ).argParser((file: string, before: string[] | undefined) => [...(before ?? []), file]),
    choice('--pending <as>', 'what becomes of comments that wait (default: pending)', [
      'pending',
      'approved',
      'skip',
    ]),
    choice('--spam <as>', 'what becomes of spam (default: skip)', ['skip', 'rejected']),
    choice('--deleted <as>', 'what becomes of deleted comments with replies below (default: withdrawn)', [
      'withdrawn',
      'skip',
    ]),
    choice('--closed <as>', 'what becomes of pages that take no comments any more (default: closed)', [
      'closed',
      'open',
    ]),
    new Option('--anonymous <name>', 'for authors without a name (default: Anonymous)'),
    new Option('--zone <name>', 'of times that say none, such as Europe/Paris'),
    new Option(
      '--left-out <file>',
      'where what is left out is listed (default: the first file with .left-out.ndjson)',
    ),
    new Option('--dry-run', 'end behind the report'),
    new Option('--strict', 'stop behind the report where anything is left out'),
    new Option(
      '--force',
      'go on where the site does not have the articles, pages become one, times have no zone, accounts are missing, threads would be torn, or nothing is there',
    ),
  ]
}
