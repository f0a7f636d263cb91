import { describe, expect, it } from 'vitest';
import { addressProblem, isLoopback, isPublic } from '../../../functions/notifications/address.ts';

const outside = { allowLoopback: false };
const local = { allowLoopback: true };

const REFUSED_HOSTS = [
  '127.0.0.1',
  '127.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '017700000001',
  '127.0.0.1.',
  '0',
  '0.0.0.0',
  '10.0.0.1',
  '10.255.255.255',
  '0xa.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '3232235521',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '100.64.0.1',
  '100.127.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '192.88.99.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '[::]',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::127.0.0.1]',
  '[::7f00:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:10.0.0.1]',
  '[::ffff:169.254.169.254]',
  '[::ffff:8.8.8.8]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::a00:1]',
  '[2002:7f00:1::]',
  '[2002:a00:1::1]',
  '[2001:0:7f00:1::1]',
  '[2001:db8::1]',
  '[3fff::1]',
  '[100::1]',
  '[5f00::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[fe80::1]',
  '[fec0::1]',
  '[ff02::1]',
  'localhost',
  'localhost.',
  'LOCALHOST',
  'a.localhost',
  'printer.local',
  'instance.internal',
  'router.home.arpa',
  'intranet',
  '１２７.0.0.1',
  '127。0。0。1',
];

describe('an address', () => {
  it.each(REFUSED_HOSTS)('is refused: https://%s/', (host) => {
    expect(addressProblem(`https://${host}/`, outside)).not.toBeNull();
  });

  it.each([
    'https://example.org/hook',
    'https://example.org:8443/hook?tenant=1#x',
    'https://example.org:3000/',
    'https://8.8.8.8/',
    'https://[2606:4700:4700::1111]/',
    'https://xn--bcher-kva.example/',
    'https://bücher.example/',
  ])('is taken: %s', (url) => {
    expect(addressProblem(url, outside)).toBeNull();
  });

  it.each([
    'http://example.org/',
    'ftp://example.org/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'gopher://example.org/',
    'https://user@example.org/',
    'https://user:word@example.org/',
    'https://example.org:22/',
    'https://example.org:25/',
    'https://example.org:80/',
    'https://example.org:99999/',
    'https://[fe80::1%25eth0]/',
    'https://',
    'example.org',
    '//example.org/',
    '',
    ' ',
    `https://example.org/${'a'.repeat(2000)}`,
  ])('is refused for its form: %s', (url) => {
    expect(addressProblem(url, outside)).not.toBeNull();
  });

  it.each([
    'http://127.0.0.1:9/hook',
    'http://localhost:9000/',
    'http://[::1]:9/',
    'https://127.0.0.1/',
    'http://127.9.9.9/',
  ])('on loopback is taken where that is allowed: %s', (url) => {
    expect(addressProblem(url, local)).toBeNull();
    expect(addressProblem(url, outside)).not.toBeNull();
  });

  it.each([
    'http://example.org/',
    'http://10.0.0.1/',
    'https://10.0.0.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://[::ffff:127.0.0.1]/',
    'http://user@127.0.0.1/',
    'http://0.0.0.0/',
    'http://8.8.8.8/',
  ])('is refused even where loopback is allowed: %s', (url) => {
    expect(addressProblem(url, local)).not.toBeNull();
  });

  it('is never public in a notation that only some systems read', () => {
    for (const text of ['127.1', '0x7f.1', '2130706433', '010.0.0.1', 'fe80::1%1', '', '1.2.3', 'a.b'])
      expect(isPublic(text), text).toBe(false);
    expect(isLoopback('127.8.8.8')).toBe(true);
    expect(isLoopback('::1')).toBe(true);
    expect(isLoopback('128.0.0.1')).toBe(false);
  });
});
