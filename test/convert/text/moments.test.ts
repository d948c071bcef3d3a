import t from 'tap'
import { isZone, momentOf } from '../../../src/convert/text/moments.ts'
import { inZones } from '../../support/conversions.ts'

const said: [text: string, zone: string | null, expected: string][] = [
  ['2014-01-14 17:32:12', 'UTC', '2014-01-14T17:32:12.000Z'],
  ['2014-01-14', 'UTC', '2014-01-14T00:00:00.000Z'],
  ['2021-10-28 20:50:15 +0800 +0800', null, '2021-10-28T12:50:15.000Z'],
  ['2021-10-28 20:50:15.5 +0000 UTC', null, '2021-10-28T20:50:15.500Z'],
  ['2021-10-28T20:50:15.123456789Z', null, '2021-10-28T20:50:15.123Z'],
  ['2024-07-01T12:00:00-03:00', 'Europe/Paris', '2024-07-01T15:00:00.000Z'],
  ['2024-07-01 12:00:00', 'America/Sao_Paulo', '2024-07-01T15:00:00.000Z'],
  ['2024-01-01 12:00:00', 'Asia/Kathmandu', '2024-01-01T06:15:00.000Z'],
  // Twice that night, and never in that one.
  ['2024-10-27 02:30:00', 'Europe/Paris', '2024-10-27T00:30:00.000Z'],
  ['2024-03-31 02:30:00', 'Europe/Paris', '2024-03-31T01:30:00.000Z'],
  ['2012-06-30 23:59:60', 'UTC', '2012-07-01T00:00:00.000Z'],
]

t.test('a time is what it says, wherever the machine stands', async (t) => {
  await inZones(async () => {
    for (const [text, zone, expected] of said) {
      const moment = momentOf(text, zone)
      t.equal(typeof moment === 'number' ? new Date(moment).toISOString() : moment, expected, text)
    }
  })
})

t.test('what says no zone is in none', async (t) => {
  t.equal(momentOf('2014-01-14 17:32:12', null), 'time-without-zone')
})

t.test('what is no time is none', async (t) => {
  for (const text of [
    null,
    undefined,
    '',
    'yesterday',
    '0000-00-00 00:00:00',
    '0001-01-01T00:00:00Z',
    '2014-02-30 00:00:00',
    '2014-13-01 00:00:00',
    '2014-01-01 24:00:00',
    '2014-01-01 00:60:00',
    '1389720732',
    '2021-10-28 08:50:15 PM',
    '2021-10-28 08:50:15 PST',
    '2021-10-28 08:50:15 +99:99',
    'Tue, 14 Jan 2014 17:31:03 +0000',
  ])
    t.equal(momentOf(text, 'UTC'), 'no-time', String(text))
})

t.test('a zone is one that IANA has', async (t) => {
  t.ok(isZone('Europe/Paris'))
  t.notOk(isZone('Europe/Atlantis'))
})
