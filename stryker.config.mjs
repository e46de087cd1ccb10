const room = process.env.MUTATION_ROOM ?? 'core';

export default {
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  // rewritten by an interface of the compiler that TypeScript 7 does not have; nothing needs it
  tsconfigFile: 'none',
  ignorePatterns: ['dist', 'docs', 'dev', 'reports', 'test/replay', 'test/e2e', 'test/faults'],
  tempDirName: 'reports/mutants',
  reporters: ['clear-text', 'json', 'html'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: `reports/mutation/${room}.json` },
  htmlReporter: { fileName: `reports/mutation/${room}.html` },
  allowConsoleColors: false,
};
