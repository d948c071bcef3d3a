import { v7 as uuidv7 } from 'uuid'
import type { TokenScope } from '../../../src/domain/tokens/token.ts'
import { createToken } from '../../../src/operations/tokens/create-token.ts'
import type { Store } from '../../../src/store/store.ts'

export type Authorization = { authorization: string }

/** Of a token that was never made. */
export const wrongToken: Authorization = {
  authorization: 'Bearer imt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
}

/** Of a token that expired a moment ago. */
export async function expiredToken(store: Store, scope: TokenScope): Promise<Authorization> {
  return (await makeToken(store, scope, Date.now() - 1)).header
}

/** Of a token that was revoked. */
export async function revokedToken(store: Store, scope: TokenScope): Promise<Authorization> {
  const { header, name } = await makeToken(store, scope, null)
  await store.revokeToken(name, Date.now())
  return header
}

async function makeToken(store: Store, scope: TokenScope, expiresAtMs: number | null) {
  const name = uuidv7()
  const deps = { store, clock: Date.now, newId: uuidv7 }
  const result = await createToken(deps, { name, scopes: [scope], expiresAtMs })
  if (result.kind !== 'created') throw new Error(result.kind)
  return { name, header: { authorization: `Bearer ${result.secret}` } }
}
