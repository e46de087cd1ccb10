/** From nothing to a first run, and the mistakes on the way that only servers can tell. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/config.ts';
import type { Explained } from '../../../src/config/explain.ts';
import { createItems } from '../../support/data/databases.ts';
import { inTerminal, shardliftIn } from '../../support/servers/shardlift-cli.ts';
import { Stack } from '../../support/servers/stack.ts';
import { tuningVariable } from '../../support/servers/tuning.ts';
import { until } from '../../support/servers/until.ts';

let stack: Stack;
let source: string;
let count = 0;

beforeAll(async () => {
  stack = await Stack.open();
  source = stack.databaseName('source');
  await createItems(stack.raven, source, 10);
});
afterAll(() => stack.close());

function run(env: NodeJS.ProcessEnv, ...args: string[]) {
  return shardliftIn(stack, env, ...args).ended;
}

/** Arguments of a run of its own. */
function verify(connection = 'local') {
  const id = `first-${++count}-${source}`;
  const sides = ['--source', `local/${source}`, '--target', `${connection}/nothing`];
  return { id, args: ['verify', ...sides, '--workflow-id', id] };
}

test('init tries a connection, writes it, and a worker finds it there', async () => {
  const path = join(stack.directory, 'shardlift.yaml');
  const env = { SHARDLIFT_CONFIG: path };
  const { ravendbUrl } = stack.addresses;
  const written = await run(
    env,
    'init',
    '--connection',
    'mine',
    '--url',
    ravendbUrl,
    '--task-queue',
    'moves',
  );
  expect(written).toMatchObject({ code: 0, stderr: '' });
  expect(written.stdout).toContain('✓ connection "mine"');
  expect(written.stdout).toContain(`Written: ${path}\n`);
  expect(written.stdout).toContain(
    '  shardlift plan --source mine/Shop --target mine/ShopSharded --shards 3\n',
  );
  const config = loadConfig(env, stack.directory);
  expect(config.connections).toEqual({ mine: { urls: [ravendbUrl] } });
  expect(config.taskQueue).toBe('moves');

  const shown = await run({ ...env, SHARDLIFT_TASK_QUEUE: undefined }, 'config', '--json');
  const values = shown.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Explained);
  expect(Object.fromEntries(values.map(({ key, where }) => [key, where]))).toMatchObject({
    configFile: 'SHARDLIFT_CONFIG',
    'connections.mine.urls': path,
    'connections.local.urls': 'SHARDLIFT_CONNECTION_LOCAL_URLS',
    taskQueue: path,
    'temporal.address': 'TEMPORAL_ADDRESS',
    'temporal.namespace': null,
  });
  await rm(path);
});

describe('a mistake is told in a sentence, with the way out', () => {
  test('a namespace that is not there', async () => {
    const env = { TEMPORAL_NAMESPACE: 'nowhere' };
    for (const args of [['list'], ['watch', 'm'], ['approve', 'm'], ['schedule', 'list'], verify().args]) {
      const { code, stderr } = await run(env, ...args);
      expect(stderr, args.join(' ')).toMatch(
        /^Error: .*nowhere.*\nSet TEMPORAL_NAMESPACE to one that exists\.\n$/,
      );
      expect(code).toBe(5);
    }
    const examined = await run(env, 'doctor');
    expect(examined.code).toBe(7);
    expect(examined.stdout.replaceAll(/\s+/g, ' ')).toContain('Set TEMPORAL_NAMESPACE to one that exists.');
  });

  test('a workflow or schedule that is not there', async () => {
    for (const args of [['watch'], ['approve'], ['report'], ['evidence', 'create'], ['schedule', 'pause']]) {
      const { code, stderr } = await run({}, ...args, 'nothing');
      expect(stderr, args.join(' ')).toMatch(
        /^Error: There is no (workflow|schedule) "nothing" .*\nTo see what there is: /,
      );
      expect(code).toBe(5);
    }
  });

  test('no worker, and what is running is offered to the shell', async () => {
    const { id, args } = verify();
    const sentence = `No worker polls task queue "${stack.taskQueue}"; start one with: shardlift worker\n`;
    expect(await run({}, ...args, '--detach')).toMatchObject({ code: 0, stderr: sentence });

    // at once: waiting for an answer would take longer than the test
    const patient = tuningVariable({ cli: { patienceMs: 600_000, silenceMs: 600_000 } });
    const watching = shardliftIn(stack, patient, 'watch', id);
    await until('it is said', async () => watching.output.stderr.includes(sentence));
    watching.child.kill('SIGINT');
    await watching.ended;

    const offered = async () => (await run({}, 'suggest', 'complete', '--', 'watch', 'first-')).stdout;
    await until('it is listed', async () => (await offered()).includes(`${id}\t`));
    const refused = await run({}, 'pause', id);
    expect(refused.stderr).toContain(sentence.trim());
    expect(refused.code).toBe(5);
    await stack.client.workflow.getHandle(id).terminate();
    expect(await offered()).not.toContain(`${id}\t`);
  });

  test('a connection that the worker does not know, and a folder that cannot be written', async () => {
    const worker = await stack.startWorker();
    const { id, args } = verify('elsewhere');
    const { code, stdout } = await run({}, ...args);
    const said = stdout.replaceAll(/\s+/g, ' ');
    expect(said).toContain(`✗ Failed: ${id}`);
    expect(said).toMatch(
      /Connection "elsewhere" is not in the worker's configuration \(known: .*"local".*\)\. Add it to/,
    );
    expect(code).toBe(1);

    const unwritten = await run({}, 'report', id, '--output', join(stack.directory, 'nowhere/report.html'));
    expect(unwritten.stderr).toMatch(
      /^Error: The report cannot be written to .*\nName another file by --output\.\n$/,
    );
    expect(unwritten.code).toBe(2);
    const file = join(stack.directory, 'report.html');
    await run({}, 'report', id, '--output', file);
    expect(await readFile(file, 'utf8')).toContain('elsewhere');

    const browser = join(stack.directory, 'browser');
    const opened = join(stack.directory, 'opened');
    await writeFile(browser, `#!/bin/sh\necho "$1" > ${opened}.part && mv ${opened}.part ${opened}\n`, {
      mode: 0o755,
    });
    // and no desktop that prefers a browser of its own
    const desktop = ['XDG_DATA_HOME', 'XDG_DATA_DIRS', 'XDG_CONFIG_HOME', 'XDG_CONFIG_DIRS'];
    const none = Object.fromEntries(desktop.map((name) => [name, stack.directory]));
    const screen = { ...none, DISPLAY: ':9', BROWSER: browser, SSH_CONNECTION: undefined, CI: undefined };
    const { code: shown, stdout: path } = await inTerminal(stack, screen, 'report', id).ended;
    expect(shown).toBe(0);
    await until('it is open', () => readFile(opened, 'utf8').then(Boolean, () => false));
    expect((await readFile(opened, 'utf8')).trim()).toBe(path.trim());
    expect(await readFile(path.trim(), 'utf8')).toContain('elsewhere');
    await worker.stop();
  });
});
