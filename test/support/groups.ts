import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { testsOf } from './files.ts'

/*
 * How `npm test` shares the test files out among processes: to start one, and to load the service, takes longer than the tests
 * of most files do. Which need a process for themselves is read off them, so that no list has to be kept.
 */

const root = fileURLToPath(new URL('..', import.meta.url))

/** What starts processes, changes what is the whole process's, sets how many of its tests run at once, or says so. */
const forItself =
  /\b(?:startService|spawnService|countLines|startServer|startCluster|startChromium|startSite|startDesk)\b|\bt\.jobs\b|\bprocess\.(?:on|exit)\(|in a process for itself/

/** By their paths in `test/`. */
export const allFiles: readonly string[] = testsOf(root)
const textOf = (file: string) => readFileSync(root + file, 'utf8')
const inFolder = (file: string, ...folders: string[]) => folders.includes(file.split('/')[0] ?? '')

/** Long by themselves: nothing is won by a process that they share. */
const long = ['naughty', 'property', 'replicas']

const apart = allFiles.filter((file) => inFolder(file, ...long) || forItself.test(textOf(file)))
const shared = allFiles.filter((file) => !apart.includes(file))

export const filesOfHttp: readonly string[] = shared.filter((file) => inFolder(file, 'http'))
/**
 * Those of test/http whose answers come from a store: of routes, and what else writes a comment or names a store. The others ask
 * for nothing that a store has, and are answered by the same code whichever is there.
 */
export const filesOverStores: readonly string[] = filesOfHttp.filter((file) =>
  /\b(?:publish|publishAtOnce|submit|emptyStore)\(|\bstore\b/.test(textOf(file)),
)
export const filesOfUnits: readonly string[] = shared.filter((file) => !inFolder(file, 'http'))

/** What the runner starts, in the order of their paths: those that share processes take longest, and their folder comes first. */
export const filesToRun: readonly string[] = [
  ...readdirSync(`${root}at-once`).map((file) => `test/at-once/${file}`),
  ...apart.map((file) => `test/${file}`),
]

/** By whole paths, as a process takes them. */
export const pathsOf = (files: readonly string[]): string[] => files.map((file) => root + file)
