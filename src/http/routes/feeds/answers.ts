import { z } from 'zod'

export const atomMediaType = 'application/atom+xml'

/** Fifty comments of the greatest length, each of whose characters takes five, with links as long as can be. */
const longestFeed = 10_000_000

const example = `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0" xml:lang="en">
<id>urn:uuid:b0f9a3cd-6a8e-5c4f-9d6f-2f6f3f0c8e11</id>
<title type="text">Comments</title>
<updated>1970-01-01T00:00:00.000Z</updated>
</feed>
`

export const atomFeed = z.string().meta({
  description: 'An Atom feed (RFC 4287).',
  examples: [example],
  override: { maxLength: longestFeed, pattern: '^[^\\x00]*$' },
})
