import { defineConfig } from 'vitest/config';

/** Tests that talk to a DynamoDB Local; one is started for all of them. */
const STORE = ['test/shared/store/**/*.test.ts', 'test/functions/**/*.test.ts', 'test/kit/dynamodb.test.ts'];
/** Tests that read the synthesised templates; they are made once for all of them. */
const INFRA = ['test/infra/**/*.test.ts'];
/** Tests that start processes of their own: one file at a time, so that none waits for another's cores. */
const SYSTEM = ['test/local/**/*.test.ts', 'test/bench/**/*.test.ts'];
const STORY = ['test/story/**/*.test.ts'];

export default defineConfig({
  test: {
    env: { LOG_LEVEL: 'error' },
    projects: [
      {
        test: {
          name: 'unit',
          testTimeout: 20_000,
          include: ['test/**/*.test.ts'],
          exclude: [...STORE, ...INFRA, ...SYSTEM, ...STORY],
        },
      },
      {
        test: {
          name: 'infra',
          include: INFRA,
          globalSetup: 'test/kit/assembly.setup.ts',
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'store',
          include: STORE,
          globalSetup: 'test/kit/database.setup.ts',
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'local',
          include: SYSTEM,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'story',
          include: STORY,
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
