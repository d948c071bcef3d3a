/* Stores with nothing in them, and what a use case needs. */
export * from './store/deps.ts'
export * from './store/store.ts'
