import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { rotate, signing } from '../../../functions/notifications/secrets.ts';
import { newSecret, signed } from '../../../functions/notifications/signature.ts';

const body = '{"type":"followthrough.commitment.registered","data":{"title":"Œuvre – 85 %"}}';

describe('the signature', () => {
  it('is what the Standard Webhooks library verifies', () => {
    const secret = newSecret();
    const headers = signed([secret], 'cmt_1/3', new Date().toISOString(), body);
    expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
    expect(() => new Webhook(secret).verify(body.replace('85', '86'), headers)).toThrow();
    expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow();
    expect(() => new Webhook(secret).verify(body, { ...headers, 'webhook-id': 'cmt_1/4' })).toThrow();
  });

  it('is the example of the specification, byte for byte', () => {
    // From https://github.com/standard-webhooks/standard-webhooks, libraries/javascript.
    const headers = signed(
      ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      new Date(1614265330_000).toISOString(),
      '{"test": 2432232314}',
    );
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
    expect(headers['webhook-timestamp']).toBe('1614265330');
  });

  it('carries one signature for each secret while one is being replaced', () => {
    const [old, fresh] = [newSecret(), newSecret()];
    const headers = signed([fresh, old], 'cmt_1/3', new Date().toISOString(), body);
    for (const secret of [old, fresh])
      expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
  });

  it('has secrets of 32 random bytes', () => {
    const secret = newSecret();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(secret).not.toBe(newSecret());
  });
});

describe('rotation', () => {
  const first = { secret: 'whsec_a', createdAt: '2026-11-24T08:00:00.000Z', until: null };
  const rotated = rotate([first], 'whsec_b', '2026-11-24T10:00:00.000Z');

  it('lets the old secret sign for 24 hours beside the new one', () => {
    const names = (now: string) => signing(rotated, now).map(({ secret }) => secret);
    expect(names('2026-11-24T10:00:00.001Z')).toEqual(['whsec_b', 'whsec_a']);
    expect(names('2026-11-25T09:59:59.999Z')).toEqual(['whsec_b', 'whsec_a']);
    expect(names('2026-11-25T10:00:00.000Z')).toEqual(['whsec_b']);
  });

  it('does not prolong an old secret by rotating again', () => {
    const twice = rotate(rotated, 'whsec_c', '2026-11-24T20:00:00.000Z');
    expect(twice.find(({ secret }) => secret === 'whsec_a')?.until).toBe('2026-11-25T10:00:00.000Z');
    expect(signing(twice, '2026-11-25T10:00:00.000Z').map(({ secret }) => secret)).toEqual([
      'whsec_c',
      'whsec_b',
    ]);
  });
});
