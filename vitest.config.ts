import { defineConfig } from 'vitest/config';

/** What kills servers, judges by the clock, or looks at everything that a server holds. */
const ALONE = [
  'test/faults/**/*.e2e.ts',
  'test/e2e/copy/copy-control.e2e.ts',
  'test/e2e/catch-up/delta.e2e.ts',
  'test/e2e/copy/dump-host.e2e.ts',
  'test/e2e/plan/plan.e2e.ts',
  'test/e2e/catch-up/rounds.e2e.ts',
];

const endToEnd = {
  globalSetup: ['test/support/servers/global-setup.ts'],
  testTimeout: 300_000,
  hookTimeout: 180_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          ...endToEnd,
          name: 'e2e',
          include: ['test/**/*.e2e.ts'],
          exclude: ALONE,
          // files wait for servers half of their time, so two share them
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: 'e2e-alone',
          include: ALONE,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
