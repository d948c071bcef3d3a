/* The service and its commands as processes, with what they run on: sockets, disks, terminals. */
export * from './process/disk.ts'
export * from './process/installed.ts'
export * from './process/process.ts'
export * from './process/program.ts'
export * from './process/pseudo-terminal.ts'
export * from './process/raw.ts'
export * from './process/terminal.ts'
