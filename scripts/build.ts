/** `npm run build`: compiles src into dist, bundles the workflows there, and makes the command executable. */
import { spawnSync } from 'node:child_process';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const tsc = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')));

await rm(dist, { recursive: true, force: true });

const compiled = spawnSync(process.execPath, [tsc, '--project', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
});
// tsc has printed the reason
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

// from the sources, like a worker that runs from sources
const { code } = await bundleWorkflowCode({
  logger: new DefaultLogger('WARN'),
  workflowsPath: join(root, 'src/workflows/index.ts'),
});
await writeFile(join(dist, 'workflow-bundle.js'), code);

// npm links this file as the command `shardlift`
await chmod(join(dist, 'cli/main.js'), 0o755);
