import type { Route } from '../../route.ts'
import { livez } from './livez.ts'
import { readMetrics } from './read-metrics.ts'
import { readOpenapi } from './read-openapi.ts'
import { readyz } from './readyz.ts'

export const machineRoutes: readonly Route[] = [readMetrics, readOpenapi]

/** They answer whatever the load is. */
export const probeRoutes: readonly Route[] = [livez, readyz]
