import { once } from 'node:events'
import { statSync } from 'node:fs'
import { createServer } from 'node:net'

/**
 * Says, for as long as this process lives, that it serves this file of SQLite; `false` where another process of the machine says so
 * already. It says so by an abstract socket (unix(7)), which only Linux has: that leaves nothing on a disk, and is gone with its process
 * however that ends. Containers have a network each, and do not see each other's.
 */
export async function servesAlone(file: string): Promise<boolean> {
  if (process.platform !== 'linux') return true
  const { dev, ino } = statSync(file, { bigint: true })
  const server = createServer((socket) => socket.destroy()).unref()
  try {
    server.listen(`\0imprimatur ${dev}:${ino}`)
    await once(server, 'listening')
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EADDRINUSE'
  }
}
