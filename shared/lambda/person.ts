/** The roles of people, as groups of the identity provider name them. */
export const ROLES = ['focal-point', 'coordinator', 'verifier', 'auditor', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

/** Which units a focal point reports for: `*` stands for every unit, the empty text for "no owner unit". */
export interface UnitScope {
  include: string[];
  except: string[];
}

/** A signed-in person, from a verified token. */
export interface Person {
  subject: string;
  name: string | null;
  roles: readonly Role[];
  units: UnitScope;
  /** The sign-in that the token comes from: a digest, the same for every token of one sign-in. */
  signIn: string;
}

export function ownsUnit({ include, except }: UnitScope, unit: string | null): boolean {
  const name = unit ?? '';
  return (include.includes(name) || include.includes('*')) && !except.includes(name);
}

/** Who may take a route: anyone, any signed-in person, or the first of these roles that the person has. */
export type Access = 'anyone' | 'signed-in' | readonly Role[];

/** The role in which a person takes a route; null where none of theirs opens it. */
export function roleFor(access: Access, person: Person): Role | 'person' | null {
  if (access === 'anyone' || access === 'signed-in') return 'person';
  return access.find((role) => person.roles.includes(role)) ?? null;
}

/** The role under which the trail names a person: the one that opened the route, or where none had to, the first that they have. */
export const roleInTrail = (role: string, { roles }: Person): string =>
  role === 'person' ? (roles[0] ?? role) : role;
