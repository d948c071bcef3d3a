import { droppedWords, leftOutReasons } from '../convert/records.ts'
import type { Report } from '../convert/report.ts'
import { parentFates } from '../convert/resolve.ts'
import { onOneLine } from '../domain/text.ts'
import { counted, numbered } from './progress.ts'

/** For people; nothing of what anybody wrote is in it. */
export function reportLines(report: Report, anonymous: string): string[] {
  const { taken } = report
  const total = taken.approved + taken.pending + taken.rejected + taken.withdrawn
  // Of the others more is said where they stop it.
  const confused = new Set(report.confused)
  const merged = report.merged.filter((article) => !confused.has(article))
  const sum = report.leftOut.reduce((all, [, count]) => all + count, 0)
  return [
    `${report.title}: ${counted(report.read, 'comment')} read, ${numbered(total)} taken, ${numbered(sum)} left out.`,
    ...rows('Taken', [
      ['approved', taken.approved],
      ['pending', taken.pending],
      ['rejected', taken.rejected],
      ['withdrawn (deleted, with replies below)', taken.withdrawn],
    ]),
    ...rows(
      'Left out',
      report.leftOut.map(([reason, count]) => [leftOutReasons[reason], count]),
    ),
    ...rows(
      'Replies that stand at the top now',
      report.atTheTop.map(([fate, count]) => [parentFates[fate], count]),
    ),
    ...rows('Of the authors of those taken', [
      ['without an e-mail address', report.withoutEmail],
      [`without a name: ${onOneLine(anonymous)}`, report.withoutName],
      ['with an account that is in none of the files', report.withoutAccount],
    ]),
    ...rows(
      'Not taken over',
      report.dropped.map(([what, count]) => [droppedWords[what], count]),
    ),
    ...(report.oldestMs === null || report.newestMs === null
      ? []
      : [
          `Oldest ${new Date(report.oldestMs).toISOString()}, newest ${new Date(report.newestMs).toISOString()}; the longest has ${counted(report.longestBody, 'character')}.`,
        ]),
    ...(report.articles === 0
      ? []
      : [
          `${counted(report.articles, 'article')}${report.articles > report.examples.length ? '; those with most comments' : ''}:`,
          ...report.examples.map(
            ({ article, comments }) => `  ${numbered(comments).padStart(widest)}  ${onOneLine(article)}`,
          ),
        ]),
    ...(report.closed === 0
      ? []
      : [
          `${counted(report.closed, 'article')} closed, which ${report.closed === 1 ? 'takes' : 'take'} no comments here either (--closed open).`,
        ]),
    ...(report.withoutUrl === 0
      ? []
      : [
          `${counted(report.withoutUrl, 'article')} without an address, which feeds and exports for others want (--origin says of which site paths are, or ARTICLE_URL later).`,
        ]),
    ...(merged.length === 0
      ? []
      : [
          `Several pages are one article, as their paths are the same, and not their hosts or what follows a question mark: ${counted(merged.length, 'article')}, such as ${onOneLine(merged[0] ?? '')}. With --article url, path-query or identifier they are several.`,
        ]),
  ]
}

const widest = 9

function rows(title: string, counts: (readonly [words: string, count: number])[]): string[] {
  const some = counts.filter(([, count]) => count > 0)
  return some.length === 0
    ? []
    : [`${title}:`, ...some.map(([words, count]) => `  ${numbered(count).padStart(widest)}  ${words}`)]
}
