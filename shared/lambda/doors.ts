import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { systemClock } from '../runtime/clock.ts';
import { required } from '../runtime/env.ts';
import { newId, newSession } from '../runtime/ids.ts';
import { log } from '../runtime/log.ts';
import { acts } from '../store/acts.ts';
import { people } from '../store/people.ts';
import { refusals } from '../store/refusals.ts';
import { sessions } from '../store/sessions.ts';
import { type Door, type HttpHandler, httpDoor } from './http.ts';
import { identify } from './identify.ts';
import { recordRefusals } from './refused.ts';
import { tokenVerifier } from './token.ts';

type Routed = Pick<Door, 'routes' | 'handlers'>;

/** The live door of routes that are for anyone: everybody sees the same, so nobody has to be known. */
export const publicDoor = (routed: Routed): HttpHandler =>
  httpDoor({ ...routed, verify: async () => null, clock: systemClock, log });

/** The live door of routes for signed-in people: tokens are verified, and every refusal is recorded or counted. */
export const signedInDoor = (client: DynamoDBClient, routed: Routed): HttpHandler =>
  httpDoor({
    ...routed,
    verify: tokenVerifier({
      issuer: required('ISSUER_URL'),
      audience: required('TOKEN_AUDIENCE'),
      jwksUri: required('JWKS_URL'),
    }),
    identify: identify({
      people: livePeople(client),
      sessions: sessions(client, required('PEOPLE_TABLE'), {
        acts: acts(client, required('COMMANDS_TABLE')),
        draw: newSession,
      }),
      newCommandId: () => newId('cmd'),
    }),
    clock: systemClock,
    log,
    refused: recordRefusals({
      refusals: refusals(client, required('COMMANDS_TABLE')),
      newCommandId: () => newId('cmd'),
      log,
    }),
  });

/** The people behind the pseudonyms, with fresh pseudonyms drawn by the system's ids. */
export const livePeople = (client: DynamoDBClient) =>
  people(client, required('PEOPLE_TABLE'), () => newId('per'));
