#!/usr/bin/env node
/* The process: the only file with effects on import. Whatever it needs is imported only once Node is known to be able to. */

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `Imprimatur needs Node.js 22.18 or later; this is ${process.versions.node}. Install a current one, or run the checkout with npm start, which brings its own.\n`,
  )
  process.exitCode = 1
} else {
  const { hearSignals } = await import('./cli/signals.ts')
  const [command = 'serve'] = process.argv.slice(2)
  // Before all that takes its time to load. What is not a service ends by a signal at once, unless nobody would pass it on.
  if (command === 'serve' || process.pid === 1) hearSignals()
  const { runCommand } = await import('./cli/command.ts')
  process.exitCode = await runCommand(process.argv.slice(2), process)
}
