/** A repair of everything that differs, of every kind of item. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RepairedMany, RepairSides } from '../../../src/core/compare/repair.ts';
import { readSides } from '../../../src/engine/compare/read-parts.ts';
import { repairMany } from '../../../src/engine/repair/repair-many.ts';
import type { Work } from '../../../src/engine/work/work.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { createShardedDatabase } from '../../../src/ravendb/requests/databases.ts';
import { readPosition } from '../../../src/ravendb/requests/statistics.ts';
import { Application } from '../../support/data/application.ts';
import { createEverything } from '../../support/data/everything.ts';
import { REVISIONS } from '../../support/data/everything-revisions.ts';
import { PLANTS } from '../../support/data/plants.ts';
import { FEW_VICTIMS } from '../../support/data/victims.ts';
import { differences } from '../../support/oracle/compare.ts';
import { ActivityBench } from '../../support/work/activities.ts';

/** All but one: sums of digests do not tell in which order revisions are. */
const DAMAGES = PLANTS.filter(({ found }) => !found.some((what) => what.includes('are in another order')));

describe('a repair of everything', () => {
  let bench: ActivityBench;
  let target: Application;

  beforeAll(async () => {
    bench = await ActivityBench.open();
    const { raven } = bench.stack;
    bench.source = bench.stack.databaseName('source');
    await createEverything(raven, bench.source, { plain: 20, victims: FEW_VICTIMS });
    await copyAnew();
  });
  afterAll(() => bench.close());

  async function copyAnew(): Promise<void> {
    const { raven } = bench.stack;
    bench.target = bench.stack.databaseName('target');
    await createShardedDatabase(new Database(raven, bench.target), { shards: 3, replicationFactor: 1 });
    await bench.copyAll(await readPosition(new Database(raven, bench.source)));
    await bench.call('copyIndexes', bench.input());
    target = new Application(raven, bench.target);
  }

  /** @param oneByOne how many documents are few */
  function work(
    oneByOne: number,
    signal = bench.work.signal,
    doing: (items: number) => void = () => {},
  ): Work {
    const it = bench.work;
    return {
      ...it,
      signal,
      database: (ref) => it.database(ref).within(signal),
      tuning: { ...it.tuning, repair: { oneByOne } },
      heartbeat: () => undefined,
      report: ({ transferred }) => {
        if (transferred?.doing === 'repairing') doing(transferred.items);
      },
    };
  }

  async function sides(allowExtra = false): Promise<RepairSides> {
    const both = {
      source: { connection: 'local', database: bench.source },
      target: { connection: 'local', database: bench.target },
    };
    const { storages, ...compared } = await readSides(work(0), both);
    return { ...both, allowExtra, storages, compared };
  }

  async function rounds(oneByOne: number): Promise<RepairedMany[]> {
    const all: RepairedMany[] = [];
    for (let round = 0; round < 5; round++) {
      const repaired = await repairMany(work(round === 0 ? oneByOne : 1_000), await sides());
      if (repaired.documents === 0) return all;
      all.push(repaired);
    }
    return all;
  }

  async function ownComparison(): Promise<string[]> {
    return await differences(bench.stack.raven, bench.source, bench.target, { without: ['settings'] });
  }

  test.each([
    { how: 'document by document', oneByOne: 1_000, most: 1 },
    { how: 'like a copy, and then what that has left', oneByOne: 0, most: 3 },
  ])('mends each damage $how', async ({ oneByOne, most }) => {
    for (const { plant } of DAMAGES) await plant(target);
    const all = await rounds(oneByOne);
    expect(all.length).toBeLessThanOrEqual(most);
    expect(all[0]?.isChecked).toBe(oneByOne > 0);
    expect(all.at(-1)?.left).toEqual([]);
    expect(await ownComparison()).toEqual([]);
  });

  test('goes on where it was stopped, also while the target keeps revisions', async () => {
    await target.keepRevisions(REVISIONS);
    const ids = await bench.allIds(bench.source);
    const lost = ids.filter((_, n) => n % 2 === 0);
    for (const id of lost) await target.delete(id);
    const stop = new AbortController();
    const stopped = repairMany(
      work(0, stop.signal, () => stop.abort(new Error('stopped'))),
      await sides(),
    );
    await expect(stopped).rejects.toThrow();
    await rounds(0);
    expect(await ownComparison()).toEqual([]);
  });

  test('deletes nothing that the target may have of its own', async () => {
    await target.put('own/1', '{}');
    await target.putCompareExchange('own', '1');
    await target.delete('plain/1');
    const repaired = await repairMany(work(0), await sides(true));
    expect(repaired.documents).toBe(1);
    const own = await ownComparison();
    expect(own).toContain('compare exchange own: only on the target');
    expect(own.filter((line) => !line.includes('own'))).toEqual([]);
    expect(own.some((line) => line.includes('own/1'))).toBe(true);
  });
});
