/* Real PostgreSQL: databases of a test's own, servers, clusters that fail over, and what operators set up oddly. */
export * from './postgres/cluster.ts'
export * from './postgres/databases.ts'
export * from './postgres/odd-database.ts'
export * from './postgres/server.ts'
