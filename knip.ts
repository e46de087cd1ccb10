import type { KnipConfig } from 'knip';

/**
 * What nothing uses: files, exports and packages. `knip` asks of the whole checkout. `knip --production` asks of the
 * shipped program alone and finds what only tests still reach; an export that its own file uses may stay for a test.
 */
const config: KnipConfig = ({ production }) => ({
  entry: [
    'src/worker.ts!',
    'src/cli/main.ts!',
    // started as processes of their own, under names that are put together
    'dev/servers/official-download.ts',
    'scripts/bench/{bare-smuggler,naive-compare}.ts',
  ],
  project: ['src/**/*.ts!', 'dev/**/*.ts', 'test/**/*.ts', 'scripts/**/*.ts'],
  ignoreExportsUsedInFile: production === true,
  ignoreBinaries: ['openssl', 'script'],
  // declared so that one copy is hoisted: two break the replay of histories
  ignoreDependencies: ['protobufjs'],
});

export default config;
