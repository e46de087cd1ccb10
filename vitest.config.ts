import { defineConfig } from 'vitest/config';

// what a test makes is soon garbage: half of the time of the collector is saved when it looks more rarely
process.env.NODE_OPTIONS ??= '--max-semi-space-size=64';

// the command line names itself as it was started: by a script of npm here, which its tests do not mean
delete process.env.npm_lifecycle_event;

/** Fails a run that leaves a process or a file behind. */
const LEAVE_NOTHING = 'test/support/servers/leave-nothing.ts';

const withServers = {
  globalSetup: [LEAVE_NOTHING, 'test/support/servers/global-setup.ts'],
  testTimeout: 300_000,
  hookTimeout: 180_000,
};

const withTimeSkipping = {
  globalSetup: [LEAVE_NOTHING, 'test/workflows/support/global-setup.ts'],
  setupFiles: ['test/workflows/support/setup.ts'],
  // the files of a process share its server and its workers
  isolate: false,
  // now and then this server loses a lock of its clock, or an answer: then a test fails that does not fail again
  retry: 1,
  hookTimeout: 60_000,
};

/**
 * With histories of full length: each of its runs refuses so much that it would go on as a new one in between, and what
 * meets a run just then this server may lose.
 */
const REQUESTS = 'test/workflows/requests.test.ts';

/** They measure, and are not to be disturbed. */
const MEASURING = ['test/e2e/verify/repair-many.soak.ts', 'test/e2e/cutover/acknowledged-writes.soak.ts'];

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
          exclude: ['test/workflows/**'],
          // a process of its own for each file would spend half of the time on imports
          isolate: false,
          maxWorkers: 3,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          ...withTimeSkipping,
          name: 'workflows',
          include: ['test/workflows/**/*.test.ts'],
          exclude: [REQUESTS],
          maxWorkers: 3,
          testTimeout: 20_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...withTimeSkipping,
          name: 'workflow-requests',
          include: [REQUESTS],
          maxWorkers: 3,
          // none of its runs goes on as a new one, and none skips time: nothing of it needs a second try
          retry: 0,
          testTimeout: 20_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...withServers,
          name: 'e2e',
          include: ['test/**/*.e2e.ts'],
          isolate: false,
          // files wait for servers a part of their time; a fourth one only keeps the others from two cores
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...withServers,
          name: 'soak',
          testTimeout: 900_000,
          include: ['test/**/*.soak.ts'],
          exclude: ['test/workflows/**', ...MEASURING],
          // most of them wait most of the time
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...withTimeSkipping,
          name: 'soak-workflows',
          include: ['test/workflows/**/*.soak.ts'],
          maxWorkers: 2,
          testTimeout: 900_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...withServers,
          name: 'soak-measuring',
          testTimeout: 900_000,
          include: MEASURING,
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
