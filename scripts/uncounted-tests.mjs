/*
 * The test files, by their paths in test/, whose processes count no lines: to count them makes a process a quarter slower, and one
 * that does the same ten thousand times twice as slow. What these run of src others run too; they say what it does in a browser, in
 * other people's hands, for whatever is sent, or to how much. Where a line is missing at the end that one of them runs, it goes
 * from this list.
 */
const uncounted = [
  '(?:client|clients|container|examples|naughty|openapi|package|property|proxies|readme)/',
  'support/(?!run-files)',
  'cli/(?:import-privacy|long-lines|overload|transfer-format)',
  'convert/formats/naughty-strings',
  'crash/(?!faults|postgres-start|writer-death)',
  'domain/articles/article\\.',
  'export/formats',
  'http/limits/limits',
  'http/routes/(?:articles/(?:put|view)|comments/|feeds/read-article-feed|moderation/(?:note|reject|release|reopen|view))',
  'http/serving/(?:cors|feeds-in-memory|long-headers)',
  'replicas/(?:caches|claims|decisions|two-moderators)',
  'store/(?:schemas|sqlite/ownership|sqlite/store\\.)',
]

const pattern = new RegExp(`^(?:${uncounted.join('|')})`)

export const isUncounted = (file) => pattern.test(file)
