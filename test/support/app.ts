/* The service in this process, and how to call it. */
export * from './app/app.ts'
export * from './app/paging.ts'
export * from './app/tokens.ts'
