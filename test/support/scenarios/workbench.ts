/** Workbenches as people start them, who type what they say. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { leftBehind, ownDirectory, ROOT, start, withDemoDirectory } from '../servers/demo-process.ts';
import type { RunningCommand } from '../servers/shardlift-cli.ts';
import { until } from '../servers/stack.ts';

/** A workbench that runs, and what it told. */
interface Workbench extends RunningCommand {
  /** The commands that it said to type, in their order. */
  commands: string[];
}

let running: RunningCommand | undefined;

async function startWorkbench(): Promise<Workbench> {
  const main = join(ROOT, 'dev/workbench/main.ts');
  const started = start(process.execPath, [main, '--directory', join(ownDirectory(), 'bench')], {});
  running = started;
  let hasEnded = false;
  void started.ended.then(() => {
    hasEnded = true;
  });
  const told = () => started.output.stderr;
  await until('everything runs', async () => {
    if (hasEnded) throw new Error(told());
    return told().includes('Or move a database of another server');
  });
  const commands = [...told().matchAll(/^ {2}((?:export|npm|temporal|curl) .+)$/gm)].map(
    ([, line = '']) => line,
  );
  return { ...started, commands };
}

async function stopWorkbench({ child, ended }: Workbench): Promise<void> {
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  expect(code, stderr).toBe(130);
  await until('nothing runs any more', async () => (await leftBehind()).length === 0);
}

/** Types commands into one shell. */
async function type(lines: string[], cwd = ROOT): Promise<string> {
  const env = { ...process.env, TEMPORAL_ADDRESS: undefined, SHARDLIFT_TASK_QUEUE: undefined };
  const { stdout } = await promisify(execFile)('bash', ['-ec', lines.join('\n')], { cwd, env });
  return stdout;
}

/** Declares the test. */
export function workbench({ isStartedAgain }: { isStartedAgain: boolean }): void {
  withDemoDirectory();
  // also where a test has failed
  afterEach(async () => {
    running?.child.kill('SIGINT');
    await running?.ended;
  });

  test(`npm run dev: what it says to type does what it says${isStartedAgain ? ', and is there at the next start' : ''}`, async () => {
    const first = await startWorkbench();
    const reaching = first.commands.filter((line) => line.startsWith('export '));
    const [migrating = '', byTemporal = ''] = first.commands.filter((line) => /^(npm|temporal) /.test(line));
    const loading = first.commands.filter((line) => line.startsWith('curl '));
    const [server = ''] = /http:\/\/[\d.:]+/.exec(loading.join()) ?? [];

    // before the migration: its cutover closes the source
    const exporting = `curl -sf -X POST ${server}/databases/Northwind/smuggler/export -d '{}' -o Shop.ravendbdump`;
    await type([exporting, ...loading], ownDirectory());
    const moved = await type([...reaching, `${migrating} --yes --observe-for 0s`]);
    expect(moved).toMatch(/Documents +1,\d{3} on the source, 1,\d{3} on the target, 0 mismatches/);
    const planned = byTemporal.replaceAll('Northwind', 'Shop').replace('migrateDatabase', 'planMigration');
    await type([...reaching, planned]);
    expect(await type([...reaching, 'temporal workflow result -w migrate-Shop'])).toContain('completed');
    await stopWorkbench(first);
    if (!isStartedAgain) return;

    const second = await startWorkbench();
    expect(second.commands).toEqual(first.commands);
    const { Databases: names } = JSON.parse(await type([`curl -sf ${server}/databases?namesOnly=true`]));
    expect(names).toEqual(expect.arrayContaining(['Northwind', 'NorthwindSharded$2', 'Shop']));
    expect(await type([...reaching, 'temporal workflow list'])).toContain(
      'migrate-Northwind-to-NorthwindSharded',
    );
    await stopWorkbench(second);
  });
}
