import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BackupChain, backupFolder } from '../../support/data/backup-chain.ts';
import { createItems, putItems } from '../../support/data/databases.ts';
import { Reader, type Way } from '../../support/docs/reader.ts';
import { differences } from '../../support/oracle/compare.ts';
import { openAlone } from '../../support/servers/alone.ts';
import { type Stack, until } from '../../support/servers/stack.ts';

const ITEMS = 300;

const METHODS = ['stream', 'dump', 'backup'];
const WAYS: Way[] = ['shardlift', 'temporal'];

describe('the page of a method', () => {
  let stack: Stack;
  let close: () => Promise<void>;
  let readers: Record<Way, Reader>;

  beforeAll(async () => {
    ({ stack, close } = await openAlone());
    readers = {
      shardlift: await Reader.at(stack, 'shardlift'),
      temporal: await Reader.at(stack, 'temporal'),
    };
    await readers.shardlift.startsWorker();
  });
  afterAll(async () => {
    await readers?.shardlift.close();
    await close?.();
  });

  const both = METHODS.flatMap((method) => WAYS.map((way) => ({ method, way })));

  test.each(both)('moves a database by $method with `$way`', async ({ method, way }) => {
    const reader = readers[way];
    reader.turnToOthers();
    const { Shop, ShopSharded } = reader.databases;
    await createItems(stack.raven, Shop, ITEMS);
    if (method === 'backup') {
      reader.backups = await backupFolder(stack);
      await BackupChain.begin(stack.raven, Shop, reader.backups);
      await putItems(stack.raven, Shop, 1, ITEMS);
    }
    await reader.follows(`docs/method-${method}.md`);
    const migration = reader.migration();
    await until('it has begun', () => migration.handle.describe().then(Boolean, () => false));
    expect(await migration.reaches('awaiting-approval')).toMatchObject({ method });
    expect(await differences(stack.raven, Shop, ShopSharded, { without: ['settings'] })).toEqual([]);
    // which closes the source
    await migration.approve();
    await migration.reaches('observing');
    await migration.handle.executeUpdate('complete', { args: [{ by: 'ann' }] });
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    for (const code of await reader.seesEnds()) expect(code).toBe(0);
  });
});
