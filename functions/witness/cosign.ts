import { systemClock } from '../../shared/runtime/clock.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { optional, required } from '../../shared/runtime/env.ts';
import { kmsSigner } from '../../shared/runtime/kms-signer.ts';
import { log } from '../../shared/runtime/log.ts';
import { witnessStore } from '../../shared/store/witness.ts';
import { witnessDoor } from './door.ts';

export const handler = witnessDoor({
  store: witnessStore(dynamodb(), required('WITNESS_TABLE')),
  signer: kmsSigner(required('WITNESS_KEY_ID')),
  name: required('WITNESS_NAME'),
  origin: required('LOG_ORIGIN'),
  logKey: optional('WITNESS_LOG_KEY'),
  clock: systemClock,
  log,
});
