#!/usr/bin/env node
/* The process: the only file with effects on import. Whatever it needs is imported only once Node is known to be able to. */

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `Imprimatur needs Node.js 22.18 or later; this is ${process.versions.node}. Install a current one, or run the checkout with npm start, which brings its own.\n`,
  )
  process.exitCode = 1
} else {
  const { runCommand } = await import('./cli/command.ts')
  process.exitCode = await runCommand(process.argv.slice(2), process)
}
