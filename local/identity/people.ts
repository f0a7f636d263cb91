/** Which commitments a focal point may report on, by owner unit: "*" is every unit, "" is none at all. */
export interface Units {
  include: string[];
  except: string[];
}

export interface Person {
  /** The subject of the tokens too, so that the trail can be asked for a person by name. */
  id: string;
  name: string;
  roles: string[];
  units: Units;
}

const humanResources = 'Department of Human Resources';
const noUnits: Units = { include: [], except: [] };

/** The people of the local system. They exist nowhere else. */
export const people: Person[] = [
  {
    id: 'focal-point',
    name: 'Farah Focal',
    roles: ['focal-point'],
    units: { include: [humanResources, ''], except: [] },
  },
  {
    id: 'focal-point-2',
    name: 'Felix Focal',
    roles: ['focal-point'],
    units: { include: ['*'], except: [humanResources, ''] },
  },
  {
    id: 'focal-verifier',
    name: 'Vera Focal',
    roles: ['focal-point', 'verifier'],
    units: { include: ['*', ''], except: [] },
  },
  { id: 'coordinator', name: 'Carla Coordinator', roles: ['coordinator'], units: noUnits },
  { id: 'verifier', name: 'Victor Verifier', roles: ['verifier'], units: noUnits },
  { id: 'auditor', name: 'Aisha Auditor', roles: ['auditor'], units: noUnits },
  { id: 'administrator', name: 'Adam Administrator', roles: ['administrator'], units: noUnits },
];

/** The claims of a person as Cognito would put them into an ID token: its custom attributes are text. */
export function claimsOf(person: Person) {
  return {
    sub: person.id,
    name: person.name,
    email: `${person.id}@example.org`,
    token_use: 'id',
    'cognito:groups': person.roles,
    'custom:units': JSON.stringify(person.units),
  };
}
