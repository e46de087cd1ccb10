import { defineConfig } from 'vitest/config';

/** Fails a run that leaves a process or a file behind. */
const LEAVE_NOTHING = 'test/support/servers/leave-nothing.ts';

const withServers = {
  globalSetup: [LEAVE_NOTHING, 'test/support/servers/global-setup.ts'],
  testTimeout: 300_000,
  hookTimeout: 180_000,
};

export default defineConfig({
  test: {
    // servers are stopped in order
    teardownTimeout: 60_000,
    // by `npm run test:coverage`, of what needs no server to be proven
    coverage: {
      provider: 'v8',
      include: ['src/core/**/*.ts'],
      reporter: ['text-summary', 'html'],
      reportsDirectory: 'reports/coverage',
      thresholds: { lines: 95, functions: 95, statements: 95, branches: 90 },
    },
    projects: [
      {
        test: {
          name: 'unit',
          globalSetup: [LEAVE_NOTHING],
          include: ['test/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          ...withServers,
          name: 'e2e',
          include: ['test/**/*.e2e.ts'],
          // files wait for servers half of their time, so two share them
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...withServers,
          name: 'soak',
          include: ['test/**/*.soak.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
