import { describe, expect, it } from 'vitest';
import { ownsUnit, type Person, ROLES, roleFor, roleInTrail } from '../../../shared/lambda/person.ts';

const person = (...roles: Person['roles'][number][]): Person => ({
  subject: 's',
  name: null,
  roles,
  units: { include: [], except: [] },
  signIn: 'one',
});

describe('the units of a focal point', () => {
  it.each([
    [['HR'], [], { HR: true, Legal: false, '': false }],
    [['HR', ''], [], { HR: true, Legal: false, '': true }],
    [['*'], ['HR', ''], { HR: false, Legal: true, '': false }],
    [['*'], [], { HR: true, Legal: true, '': true }],
    [['HR'], ['HR'], { HR: false }],
    [[], [], { HR: false, '': false }],
  ])('include %j except %j', (include, except, expected) => {
    for (const [unit, owns] of Object.entries(expected))
      expect(ownsUnit({ include, except }, unit || null)).toBe(owns);
  });
});

describe('the role in which a person comes in', () => {
  it('is the first of the route that they have', () => {
    expect(roleFor(['coordinator', 'focal-point'], person('focal-point', 'coordinator'))).toBe('coordinator');
    expect(roleFor(['coordinator', 'focal-point'], person('verifier', 'focal-point'))).toBe('focal-point');
    expect(roleFor(['coordinator'], person('verifier'))).toBeNull();
    expect(roleFor(['coordinator'], person())).toBeNull();
    expect(roleFor([], person(...ROLES))).toBeNull();
  });

  it('is just a person where any may come in', () => {
    expect(roleFor('signed-in', person())).toBe('person');
    expect(roleFor('anyone', person('auditor'))).toBe('person');
  });

  it('is in the trail the one that opened the route, else the first that they have', () => {
    expect(roleInTrail('coordinator', person('auditor', 'coordinator'))).toBe('coordinator');
    expect(roleInTrail('person', person('auditor', 'coordinator'))).toBe('auditor');
    expect(roleInTrail('person', person())).toBe('person');
  });
});
