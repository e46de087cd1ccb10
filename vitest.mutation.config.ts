import { defineConfig } from 'vitest/config';

/** The tests that mutation testing runs: those of the code that it changes. */
export default defineConfig({
  test: {
    include: [
      'test/core/**/*.test.ts',
      'test/ravendb/dump/dump-scanner.test.ts',
      'test/engine/transfer/shard-router*.test.ts',
    ],
  },
});
