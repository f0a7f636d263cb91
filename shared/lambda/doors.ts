import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { systemClock } from '../runtime/clock.ts';
import { required } from '../runtime/env.ts';
import { newId } from '../runtime/ids.ts';
import { log } from '../runtime/log.ts';
import { people } from '../store/people.ts';
import { refusals } from '../store/refusals.ts';
import { type Door, type HttpHandler, httpDoor } from './http.ts';
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
    clock: systemClock,
    log,
    refused: recordRefusals({
      refusals: refusals(client, required('COMMANDS_TABLE')),
      people: livePeople(client),
      newCommandId: () => newId('cmd'),
      log,
    }),
  });

/** The people behind the pseudonyms, with fresh pseudonyms drawn by the system's ids. */
export const livePeople = (client: DynamoDBClient) =>
  people(client, required('PEOPLE_TABLE'), () => newId('per'));
