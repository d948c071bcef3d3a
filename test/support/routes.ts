/* What is asserted of every route alike. */
export * from './routes/decision.ts'
export * from './routes/every-route.ts'
export * from './routes/every-status.ts'
export * from './routes/problem.ts'
