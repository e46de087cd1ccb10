import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { defaultTuning } from '../../src/core/contract/tuning.ts';
import { withPassingFile } from '../../src/stores/worker-disk.ts';
import { removeLeftovers } from '../../src/worker/leftovers.ts';

test('what a killed worker left is deleted after a day, and nothing else', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'shardlift-leftovers-'));
  const old = new Date(Date.now() - 25 * 60 * 60_000);
  const file = (...path: string[]) => {
    mkdirSync(join(directory, ...path.slice(0, -1)), { recursive: true });
    writeFileSync(join(directory, ...path), 'x');
  };
  file('rounds', 'old.ravendbdump');
  file('rounds', 'new.ravendbdump');
  file('attachments', 'attachments-old', '0');
  file('attachments', 'attachments-new', '0');
  file('migrate-shop', 'Shop.ravendbdump');
  for (const path of ['rounds/old.ravendbdump', 'attachments/attachments-old', 'migrate-shop']) {
    utimesSync(join(directory, path), old, old);
  }
  await removeLeftovers(directory, defaultTuning.worker);
  await removeLeftovers(join(directory, 'absent'), defaultTuning.worker);
  expect(readdirSync(directory, { recursive: true }).sort()).toEqual([
    'attachments',
    'attachments/attachments-new',
    'attachments/attachments-new/0',
    'migrate-shop',
    'migrate-shop/Shop.ravendbdump',
    'rounds',
    'rounds/new.ravendbdump',
  ]);
  rmSync(directory, { recursive: true });
});

test('a file that somebody only reads stays as long as that takes, and goes then', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'shardlift-leftovers-'));
  const rounds = join(directory, 'rounds');
  const leftoverMs = 400;
  await withPassingFile({ directory: rounds, leftoverMs }, async (file) => {
    writeFileSync(file, 'x');
    writeFileSync(join(rounds, 'left'), 'x');
    await sleep(1.5 * leftoverMs);
    await removeLeftovers(directory, { ...defaultTuning.worker, leftoverMs });
    expect(readdirSync(rounds)).toEqual([basename(file)]);
  });
  expect(readdirSync(rounds)).toEqual([]);
  rmSync(directory, { recursive: true });
});
