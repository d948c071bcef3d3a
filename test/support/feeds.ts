/* Feeds, as readers of feeds take them. */
export * from './feeds/feeds.ts'
