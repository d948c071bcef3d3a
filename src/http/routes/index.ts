import type { Route } from '../route.ts'
import { articleRoutes } from './articles/index.ts'
import { commentRoutes } from './comments/index.ts'
import { machineRoutes, probeRoutes } from './machine/index.ts'
import { moderationRoutes } from './moderation/index.ts'

export { probeRoutes }

/** What readers' browsers call, from the pages of the configured origins. */
export const publicRoutes: readonly Route[] = [...commentRoutes]

/** What nobody's page calls. */
export const closedRoutes: readonly Route[] = [...moderationRoutes, ...articleRoutes, ...machineRoutes]

/** Every route, in the order of the OpenAPI document. */
export const routes: readonly Route[] = [...publicRoutes, ...closedRoutes, ...probeRoutes]
