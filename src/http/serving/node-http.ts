/*
 * What is needed of `node:http`. To import it would ask it for each of its exports, `WebSocket` among them, for which Node loads a
 * client of HTTP that nobody here uses: some 40 ms of the start, and 3 MB of memory.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http')
