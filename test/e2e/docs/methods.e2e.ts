import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BackupChain, backupFolder } from '../../support/data/backup-chain.ts';
import { createItems, putItems } from '../../support/data/databases.ts';
import { Reader, type Way } from '../../support/docs/reader.ts';
import { differences } from '../../support/oracle/compare.ts';
import { openAlone } from '../../support/servers/alone.ts';
import { type Stack, until } from '../../support/servers/stack.ts';

const ITEMS = 300;

describe.each<Way>(['shardlift', 'temporal'])('a page of a method with `%s`', (way) => {
  let stack: Stack;
  let close: () => Promise<void>;
  let reader: Reader;

  beforeAll(async () => {
    ({ stack, close } = await openAlone());
    reader = await Reader.at(stack, way);
    await reader.startsWorker();
  });
  afterAll(async () => {
    await reader?.close();
    await close?.();
  });

  test.each(['stream', 'dump', 'backup'])('%s', async (method) => {
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
