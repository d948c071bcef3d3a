/* Files for other systems, as others read them, and the rows they are made of. */
export * from './export/readers.ts'
export * from './export/rows.ts'
