import type { Route } from '../route.ts'
import { articleRoutes } from './articles/index.ts'
import { commentRoutes } from './comments/index.ts'
import { feedRoutes } from './feeds/index.ts'
import { machineRoutes, probeRoutes } from './machine/index.ts'
import { moderationRoutes } from './moderation/index.ts'
import { pageRoutes } from './page/index.ts'

export { probeRoutes }

/** All but the probes: they are turned away while there is more to do than can be done. */
export const workRoutes: readonly Route[] = [
  ...commentRoutes,
  ...pageRoutes,
  ...moderationRoutes,
  ...articleRoutes,
  ...feedRoutes,
  ...machineRoutes,
]

/** Every route, in the order of the OpenAPI document. */
export const routes: readonly Route[] = [...workRoutes, ...probeRoutes]
