import { runService } from './run-service.ts'
import { seed } from './seed.ts'
import { serveSite } from './serve-site.ts'

/*
 * A newspaper with comments, to look at: `npm run example`. PORT is the site's, 8090 unless it is set. The comments are in
 * memory, of a service that ends with it; or in the one that SERVICE names, which has to have the site among its
 * CORS_ORIGINS, and gets the readers' comments where MODERATOR_TOKEN is given.
 */

const { PORT = '8090', SERVICE, MODERATOR_TOKEN } = process.env

const site = await serveSite(Number(PORT)).catch((error: Error) => {
  console.error(`The site cannot listen on port ${PORT}: ${error.message}. PORT gives it another.`)
  process.exit(1)
})
const own = SERVICE === undefined ? await runService(site.origin) : null

let isEnding = false
async function end(code: number): Promise<void> {
  if (isEnding) return
  isEnding = true
  await Promise.all([site.close(), own?.close()])
  process.exit(code)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0))
void own?.ended.then(() => end(1))

const service = own?.origin ?? new URL(SERVICE ?? '').origin
const token = own?.moderatorToken ?? MODERATOR_TOKEN
site.showCommentsOf(service)
if (token !== undefined)
  await seed(service, token, site.origin).catch((error: Error) => {
    console.error(error.message)
    return end(1)
  })

console.log(`
The newspaper:  ${site.origin}/
The comments:   ${service}/

To try:
  ${site.origin}/pourquoi-nous-imprimons   an article with comments, and one that waits
  ${site.origin}/une-heure-sans-ecran      an article that nobody has written about yet: write, and see what it says
  ${service}/thread/pourquoi-nous-imprimons?lang=fr   the same without a script

What waits for a moderator, on a page that asks for the token ${token ?? 'TOKEN'}:
  ${service}/desk

The same with curl, and how to approve it, with ID from the first line's answer:
  curl -H 'Authorization: Bearer ${token ?? 'TOKEN'}' ${service}/v1/moderation/comments
  curl -X POST -H 'Authorization: Bearer ${token ?? 'TOKEN'}' ${service}/v1/moderation/comments/ID/approve

Ctrl-C ends it${own === null ? '' : ', and what was written is gone'}.`)
