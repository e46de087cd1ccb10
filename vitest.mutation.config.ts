import { defineConfig } from 'vitest/config';

/** What mutation testing runs: the tests that scripts/mutation.ts names for what it changes. */
export default defineConfig({
  test: { include: (process.env.MUTATION_TESTS ?? 'test/core/**/*.test.ts').split(',') },
});
