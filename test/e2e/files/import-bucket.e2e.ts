import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunProgress } from '../../../src/core/run/progress.ts';
import type { ImportResult } from '../../../src/core/run/results.ts';
import { everyKindChain } from '../../support/data/backup-chain.ts';
import { differencesFromFile } from '../../support/oracle/compare.ts';
import { GoToolMissing } from '../../support/servers/go-tool.ts';
import { S3Server } from '../../support/servers/s3-server.ts';
import { Stack, until } from '../../support/servers/stack.ts';
import { type Started, startByCli } from '../../support/servers/temporal-cli.ts';

const INCREMENTAL_FILES = 2;
const PATH = 'of/one database';

const started = await S3Server.start().catch((error) => {
  if (error instanceof GoToolMissing) return error;
  throw error;
});
const skipped = started instanceof GoToolMissing ? started.message : undefined;
const server = started as S3Server;

describe('backups in a bucket', () => {
  let stack: Stack;
  let source: string;

  beforeAll(async () => {
    stack = await Stack.open();
    if (skipped) return;
    await stack.startWorker({
      ...server.environment('archive'),
      ...server.environment('wrong'),
      SHARDLIFT_BUCKET_WRONG_SECRET_ACCESS_KEY: 'a wrong key',
    });
    const chain = await everyKindChain(stack, join(server.folder, PATH), {
      plain: 100,
      incrementals: INCREMENTAL_FILES,
    });
    source = chain.database;
  });
  afterAll(async () => {
    if (!skipped) await server.stop();
    await stack.close();
  });
  beforeEach(({ skip }) => skip(skipped !== undefined, skipped));

  function target() {
    return { connection: 'local', database: stack.databaseName('target'), shards: 2 };
  }

  function importing(bucket: string, into: object, input: object = {}) {
    return startByCli<ImportResult>(stack, 'importBackup', {
      backup: { path: PATH, bucket },
      target: into,
      ...input,
    });
  }

  async function whatDiffers(into: { database: string }): Promise<string[]> {
    return await differencesFromFile(stack.raven, source, into.database);
  }

  test('carry every kind of item, once', async () => {
    const into = target();
    const result = await (await importing('archive', into)).result();
    expect(result.files).toHaveLength(1 + INCREMENTAL_FILES);
    expect(await whatDiffers(into)).toEqual([]);
    const again = await (await importing('archive', into)).result();
    // Temporal's command line prints an empty list as null
    expect(again.files ?? []).toEqual([]);
    expect(again.standsAt).toBe(result.standsAt);
  });

  test('that the keys do not open are refused in one sentence, and nothing is made', async () => {
    const into = target();
    const { message } = await (await importing('wrong', into)).failure();
    expect(message).toMatch(
      /^Listing bucket "wrong" failed: .*key.*\. The target "[^"]+" was not touched\.$/,
    );
    expect(message).not.toMatch(/a wrong key|127\.0\.0\.1|AKIATEST/);
    const names = await stack.raven.http.json<object>({
      doing: 'Reading names',
      path: '/databases?namesOnly=true',
    });
    expect(JSON.stringify(names)).not.toContain(into.database);
  });

  test('are imported to the end although the storage is gone for a while', async () => {
    const into = target();
    const run = await importing('archive', into, { maxItemsPerSecond: 200 });
    await until('the first file is on its way', async () => {
      const { phase, transferred } = await run.handle.query<RunProgress>('progress');
      return phase === 'importing' && (transferred?.items ?? 0) > 0;
    });
    await server.kill();
    try {
      await run.handle.executeUpdate('throttle', { args: [{ by: 'ann', maxItemsPerSecond: null }] });
      await until('it has been tried in vain', async () => (await triesOf(run)) > 1);
    } finally {
      await server.restart();
    }
    const result = await run.result();
    expect(result.files).toHaveLength(1 + INCREMENTAL_FILES);
    expect(await whatDiffers(into)).toEqual([]);
  });
});

/** How often the activity that a run waits for has been tried. */
async function triesOf({ handle }: Started<unknown>): Promise<number> {
  const { raw } = await handle.describe();
  return Math.max(0, ...(raw.pendingActivities ?? []).map(({ attempt }) => attempt ?? 0));
}
