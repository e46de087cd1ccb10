import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultTuning } from '../../src/core/contract/tuning.ts';
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
