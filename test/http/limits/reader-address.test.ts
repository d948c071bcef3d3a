import t from 'tap'
import { addressOf, readerAddress } from '../../../src/http/limits/reader-address.ts'

const nobody = () => false

t.test('addressOf gives an address its one form, and nothing for what is none', async (t) => {
  const addresses: [string, string | null][] = [
    ['198.51.100.1', '198.51.100.1'],
    ['198.51.100.1:4711', '198.51.100.1'],
    ['[2001:DB8::1]', '2001:db8::1'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['2001:0db8:0:0:0:0:0:1', '2001:db8::1'],
    ['::ffff:198.51.100.1', '198.51.100.1'],
    ['[::ffff:198.51.100.1]:80', '198.51.100.1'],
    ['::', '::'],
    ['', null],
    ['unknown', null],
    ['_hidden', null],
    ['198.51.100', null],
    ['198.51.100.1.1', null],
    ['256.1.1.1', null],
    ['1', null],
    ['0x7f.1', null],
    ['198.51.100.1:', null],
    ['198.51.100.1:80:80', null],
    ['[2001:db8::1', null],
    ['[]', null],
    ['2001:db8::1::2', null],
    [' 198.51.100.1', null],
    ['198.51.100.1/24', null],
  ]
  for (const [text, address] of addresses) t.equal(addressOf(text), address, text)
})

t.test('a Forwarded header of several lines and parameters is read as one', async (t) => {
  const from = (forwarded: string) =>
    readerAddress({ ip: '203.0.113.5', forwarded, xForwardedFor: undefined }, nobody)
  t.same(from('for=192.0.2.43, for="[2001:db8:cafe::17]"'), { ok: true, address: '2001:db8:cafe::17' })
  t.same(from('proto=http;by=203.0.113.43;FOR=192.0.2.60;host="a\\"b"'), { ok: true, address: '192.0.2.60' })
  t.same(from('for=192.0.2.60, proto=https'), { ok: true, address: '192.0.2.60' })
  t.same(from('proto=https'), { ok: true, address: null })
})

t.test('what is hidden is no error, what is broken is', async (t) => {
  const told = (forwarded: string | undefined, xForwardedFor: string | undefined) =>
    readerAddress({ ip: '203.0.113.5', forwarded, xForwardedFor }, nobody)
  t.same(told(undefined, undefined), { ok: true, address: null })
  t.same(told(undefined, ' , ,'), { ok: true, address: null })
  t.same(told('for=unknown', '192.0.2.1'), { ok: true, address: null }, 'Forwarded stands before the other')
  t.same(told('for=_a.b-c', undefined), { ok: true, address: null })
  t.same(told('for="unknown:80"', undefined), { ok: true, address: null })
  t.same(told('', '192.0.2.1'), { ok: false, header: 'forwarded' })
  t.same(told('for=_a/b', undefined), { ok: false, header: 'forwarded' })
  t.same(told('for=example.org', undefined), { ok: false, header: 'forwarded' })
  t.same(told(undefined, '192.0.2.1, example.org'), { ok: false, header: 'x-forwarded-for' })
})

t.test('passes over its own address and those of trusted proxies, from the near end', async (t) => {
  const trusted = (address: string) => address.startsWith('10.')
  const told = (ip: string, xForwardedFor: string) =>
    readerAddress({ ip, forwarded: undefined, xForwardedFor }, trusted)
  t.same(told('203.0.113.5', '192.0.2.1, 203.0.113.5, 10.0.0.1'), { ok: true, address: '192.0.2.1' })
  t.same(told('203.0.113.5', '192.0.2.1, ::ffff:203.0.113.5'), { ok: true, address: '192.0.2.1' })
  t.same(told('203.0.113.5', '10.0.0.1, 203.0.113.5'), { ok: true, address: null })
  t.same(told('203.0.113.5', '192.0.2.1, unknown, 10.0.0.1'), { ok: true, address: null })
})
