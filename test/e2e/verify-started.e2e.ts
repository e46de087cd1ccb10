import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobProgress } from '../../src/core/job.ts';
import { createShardedDatabase } from '../../src/ravendb/database.ts';
import { createDatabase, putDocument, putItems } from '../support/databases.ts';
import { exportAll, importAll } from '../support/plain-copy.ts';
import { type Migration, Stack, until } from '../support/stack.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const CHANGED = JSON.stringify({
  number: 107,
  payload: `${'x'.repeat(399)}y`,
  '@metadata': { '@collection': 'Items' },
});

describe('verifyDatabases, as it is started', () => {
  let stack: Stack;
  let source: string;
  let target: string;

  beforeAll(async () => {
    stack = await Stack.open();
    await stack.startWorker({ SHARDLIFT_CONNECTION_OTHER_URLS: stack.addresses.ravendbUrl });
    source = stack.databaseName('source');
    target = stack.databaseName('target');
    await createDatabase(stack.raven, source);
    await putItems(stack.raven, source, 200);
    await createDatabase(stack.raven, target);
    await importAll(stack.raven, target, await exportAll(stack.raven, source));
  });
  afterAll(() => stack.close());

  async function start(fields: object): Promise<Migration> {
    const input = {
      source: { connection: 'local', database: source },
      target: { connection: 'local', database: target },
      ...fields,
    };
    return await stack.start(input, undefined, 'verifyDatabases');
  }

  test('the command line tells by its exit code whether they are equal', async () => {
    const places = ['--source', `local/${source}`, '--target', `local/${target}`];
    await putDocument(stack.raven, target, 'items/107', CHANGED);
    const different = await cli('verify', ...places, '--workflow-id', `${source}-1`);
    expect(different.stderr).toContain('reading');
    expect(different).toMatchObject({ code: 6 });
    expect(different.stdout).toContain(`✗ The databases differ: ${source}-1`);
    expect(different.stdout).toContain('document "items/107": differs in "payload"');
    const json = await cli(
      'verify',
      ...places,
      '--depth',
      'counts',
      '--json',
      '--workflow-id',
      `${source}-2`,
    );
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      phase: 'completed',
      equal: true,
      depth: 'counts',
    });

    const sharded = stack.databaseName('sharded');
    await createShardedDatabase(stack.raven, sharded, { shards: 2, replicationFactor: 1 });
    const others = ['--source', `local/${source}`, '--target', `local/${sharded}`];
    const waits = ['--repair', '--detach', '--workflow-id', `${source}-3`];
    expect(await cli('verify', ...others, ...waits)).toMatchObject({ code: 0 });
    await until('it waits', async () => {
      const handle = stack.client.workflow.getHandle(`${source}-3`);
      return (await handle.query<JobProgress>('progress')).phase === 'awaiting-repair';
    });
    expect((await cli('pause', `${source}-3`)).stdout).toContain('The comparison stands still');
    expect((await cli('resume', `${source}-3`)).code).toBe(0);
    const watching = cli('watch', `${source}-3`);
    await sleep(2_000);
    expect((await cli('abort', `${source}-3`)).code).toBe(0);
    const watched = await watching;
    expect(watched).toMatchObject({ code: 3 });
    expect(watched.stderr).toContain(`shardlift repair ${source}-3 --by you`);
  });

  async function cli(...args: string[]) {
    const env = { ...stack.environment(), npm_lifecycle_event: undefined, FORCE_COLOR: undefined };
    const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      output.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output.stderr += chunk;
    });
    const [code] = await once(child, 'close');
    return { code: code as number, ...output };
  }

  test.each<[unknown, string]>([
    [{ depth: 'some' }, 'depth must be one of "counts", "sample", "full"'],
    [{ sampleSize: 10 }, 'sampleSize is for depth "sample"'],
    [{ depth: 'counts', repair: 'ask' }, 'repair needs depth "full" or "sample"'],
    [{ extra: true }, 'extra is not a field'],
    [{ target: null }, 'target must be of type object'],
  ])('bad input %j is refused in one sentence', async (fields, sentence) => {
    const failure = await (await start(fields as object)).failure();
    expect(failure.type).toBe('InvalidInput');
    expect(failure.message).toContain(sentence);
  });

  test('what are not two databases, and what cannot be repaired, is refused', async () => {
    const same = await start({ target: { connection: 'local', database: source.toUpperCase() } });
    expect((await same.failure()).message).toContain('must be another database than the source');
    const absent = await start({ target: { connection: 'local', database: 'absent' } });
    expect((await absent.failure()).message).toContain(
      'target.database "absent" on connection "local" does not exist',
    );
    const twice = await start({ target: { connection: 'other', database: source } });
    expect((await twice.failure()).message).toContain('is the same database as the source');
    const plain = await start({ repair: 'ask' });
    expect((await plain.failure()).message).toContain('Only a sharded database is repaired');
  });
});
