import t from 'tap'
import { validate, version } from 'uuid'
import { requestIds } from '../../../src/http/serving/request-id.ts'

t.test('are UUIDs of version 8, each another', async (t) => {
  const [one, other] = [requestIds(), requestIds()]
  const ids = Array.from({ length: 1_000 }, () => [one(), other()]).flat()
  t.same(
    ids.filter((id) => !(validate(id) && version(id) === 8)),
    [],
  )
  t.equal(new Set(ids).size, 2_000)
})
