import type { FastifyInstance, RouteOptions } from 'fastify'

/** Stops the start where a route does not declare who may call it: what nobody thought about must not be open. */
export function requireAccess(app: FastifyInstance): void {
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => {
    routes.push(route)
  })
  app.addHook('onReady', async () => {
    const silent = routes.filter((route) => route.config?.access === undefined)
    if (silent.length > 0) {
      const names = silent.map((route) => `${route.method} ${route.url}`).join(', ')
      throw new Error(`These routes declare no access level: ${names}`)
    }
  })
}
