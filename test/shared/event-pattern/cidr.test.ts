import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { onValue, pointers } from './verdict.ts';

describe('cidr', () => {
  it.each([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.0.0.77/24', '10.0.0.1', true],
    ['10.0.0.1/31', '10.0.0.0', true],
    ['10.0.0.1/31', '10.0.0.2', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['0.0.0.0/+0', '1.2.3.4', true],
    ['010.0.0.0/8', '10.1.1.1', true],
    ['10.0.0.0/8', '10.0.0', false],
    ['10.0.0.0/8', ' 10.0.0.1', false],
    ['10.0.0.0/8', '10.0.0.0000000001', false],
    ['10.0.0.0/8', '10.0.0.1/32', false],
    ['10.0.0.0/8', '::ffff:a00:1', true],
    ['10.0.0.0/8', '::ffff:10.0.0.1', false],
    ['2001:db8::/33', '2001:db8:7fff::', true],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['2001:db8::/127', '2001:DB8::1', true],
    ['fe80::/10', 'fe80::1%eth0', false],
    // Across families the engine decides by the first digits that tell.
    ['::/0', '0.0.0.0', false],
    ['::/0', '255.255.255.255', false],
    ['32.0.0.0/8', '2001:db8::1', true],
  ])('%s holds %s: %s', (range, address, expected) => {
    expect(onValue([{ cidr: range }], address)).toBe(expected);
  });

  it('looks at strings only', () => {
    expect(onValue([{ cidr: '0.0.0.0/0' }], 1)).toBe(false);
    expect(onValue([{ cidr: '0.0.0.0/0' }], null)).toBe(false);
  });

  it('stands beside other entries on the same field', () => {
    expect(onValue([5, { cidr: '10.0.0.0/8' }], '10.0.0.1')).toBe(true);
    expect(onValue([{ cidr: '10.0.0.0/8' }, { 'anything-but': '192.168.0.1' }], '192.168.0.1')).toBe(false);
  });

  it.each([
    '',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '10.0.0.0/x',
    '10.0.0.0/8.0',
    '10.0.0.0/ 8',
    '10.0.0/8',
    '10.0.0.256/8',
    'example.org/8',
    '2001:db8::/128',
    '2001:db8::/129',
    '2001:::/16',
    ':/0',
    '1:2:3:4:5:6:7:8:9/16',
    '::ffff:10.0.0.0/100',
    '10.0.0.0/99999999999',
  ])('refuses %j', (range) => {
    expect(pointers({ a: [{ cidr: range }] })).toEqual(['/a/0/cidr']);
  });

  it('refuses what is not a string', () => {
    expect(pointers({ a: [{ cidr: ['10.0.0.0/8'] }, { cidr: 10 }] })).toEqual(['/a/0/cidr', '/a/1/cidr']);
  });

  it('agrees with ipaddr.js within a family', () => {
    const near = fc.tuple(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 31 }));
    fc.assert(
      fc.property(near, ([base, address, bits]) => {
        const expected = ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parse(base), bits);
        expect(onValue([{ cidr: `${base}/${bits}` }], address)).toBe(expected);
        expect(onValue([{ cidr: `${base}/${bits}` }], base)).toBe(true);
      }),
    );
    const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(
        groups,
        groups,
        fc.integer({ min: 0, max: 127 }),
        fc.integer({ min: 0, max: 8 }),
        (a, b, bits, same) => {
          const other = [...a.slice(0, same), ...b.slice(same)];
          const text = (parts: number[]) => parts.map((part) => part.toString(16)).join(':');
          fc.pre(!text(a).startsWith('0:0:0:0:0:ffff') && !text(other).startsWith('0:0:0:0:0:ffff'));
          const expected = new ipaddr.IPv6(other).match(new ipaddr.IPv6(a), bits);
          expect(onValue([{ cidr: `${text(a)}/${bits}` }], new ipaddr.IPv6(other).toString())).toBe(expected);
        },
      ),
    );
  });
});
