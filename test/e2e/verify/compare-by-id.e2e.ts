import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Difference } from '../../../src/core/compare/verification.ts';
import { compareById } from '../../../src/engine/compare/compare-documents.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { createShardedDatabase } from '../../../src/ravendb/requests/databases.ts';
import { readPosition } from '../../../src/ravendb/requests/statistics.ts';
import { Application } from '../../support/data/application.ts';
import { loseAttachments, readable, withBucketsMoved } from '../../support/data/damage.ts';
import { createDatabase } from '../../support/data/databases.ts';
import { PLANTS, plain, untimed } from '../../support/data/plants.ts';
import { SHARED_PLAIN, sharedEverything } from '../../support/data/shared-everything.ts';
import { copyIntoOneShard } from '../../support/oracle/plain-copy.ts';
import { ActivityBench } from '../../support/work/activities.ts';

describe('comparing documents by their ids', () => {
  let bench: ActivityBench;
  let ids: string[];

  beforeAll(async () => {
    bench = await ActivityBench.open();
    await bench.databases({ withTarget: true });
    const { raven } = bench.stack;
    bench.source = await sharedEverything(raven);
    const from = await readPosition(new Database(raven, bench.source));
    await bench.copyAll(from);
    ids = await bench.allIds(bench.source);
  });
  afterAll(() => bench.close());

  async function compare(
    source: string,
    target: string,
    these: readonly string[],
    options = { extraAllowed: false },
  ): Promise<Difference[]> {
    const { raven } = bench.stack;
    const both = { source: new Database(raven, source), target: new Database(raven, target) };
    return await compareById(both, these, options);
  }

  test('finds none between copies of every kind of item, sharded or not', async () => {
    const single = bench.stack.databaseName('single');
    await copyIntoOneShard(bench.stack.raven, bench.source, single);
    expect(ids.length).toBeGreaterThan(SHARED_PLAIN + 300);
    expect(await compare(bench.source, bench.target, ids)).toEqual([]);
    const some = ids.filter((id) => !/^plain\/\d\d/.test(id));
    expect(some.length).toBeGreaterThan(300);
    expect(await compare(bench.target, single, some)).toEqual([]);
    expect(await compare(single, bench.target, some)).toEqual([]);
    expect(await compare(bench.target, bench.source, some)).toEqual([]);
    // as RavenDB takes ids
    const shouted = some.map((id) => (/^[\w/]+$/.test(id) ? id.toUpperCase() : id));
    expect(await compare(bench.source, bench.target, [...shouted, 'nowhere/1'])).toEqual([]);
    expect(await compare(bench.source, bench.target, ['nowhere/1'])).toEqual([]);
    expect(await compare(bench.source, bench.target, [])).toEqual([]);
  });

  test('names each damage, and nothing else', async () => {
    const { raven } = bench.stack;
    const application = new Application(raven, bench.target);
    for (const { plant } of PLANTS) await plant(application);
    const all = [...ids, 'extra/1'];
    const found = await compare(bench.source, bench.target, all);
    const lines = (differences: Difference[]) =>
      new Set(differences.map(({ id, kind, what }) => `${id}: ${kind}: ${untimed(kind, what)}`));
    const wanted = PLANTS.flatMap(({ id, found: each }) => each.map((line) => `${id}: ${line}`));
    expect(lines(found)).toEqual(new Set(wanted));
    expect(found).toHaveLength(wanted.length);

    const { etag } = await readPosition(new Database(raven, bench.source));
    const shards = await Promise.all(found.map(({ id }) => shardOf(id)));
    expect(found.map(({ shard }) => shard)).toEqual(shards);
    for (const each of found) {
      if (each.id === 'extra/1' || each.id.startsWith('kept/Deleted')) expect(each.etag).toBe(0);
      else expect(each.etag).toBeGreaterThan(0);
      expect(each.etag).toBeLessThanOrEqual(etag);
    }

    const allowed = await compare(bench.source, bench.target, all, { extraAllowed: true });
    const surplus = found.filter(
      ({ id, kind }) => id === 'extra/1' || (id === 'Victims/1' && kind === 'revision'),
    );
    expect(surplus).toHaveLength(2);
    expect(lines(allowed)).toEqual(lines(found.filter((each) => !surplus.includes(each))));
  });

  async function shardOf(id: string): Promise<number> {
    const query = new URLSearchParams({ name: bench.target, id });
    const { Shard } = await bench.stack.raven.http.json<{ Shard: number }>({
      doing: 'Finding the bucket',
      path: `/debug/sharding/find/bucket?${query}`,
    });
    return Shard;
  }

  test.each(['source', 'target'] as const)('finds revisions where the %s alone has any', async (side) => {
    const { raven } = bench.stack;
    const [kept, plainly] = [bench.stack.databaseName('kept'), bench.stack.databaseName('plainly')];
    for (const database of [kept, plainly]) await createDatabase(raven, database);
    const application = new Application(raven, kept);
    await application.keepRevisions({ Plain: { Disabled: false } });
    for (const each of [application, new Application(raven, plainly)]) await each.put('plain/1', plain(1));
    const [ours, theirs] = side === 'source' ? [kept, plainly] : [plainly, kept];
    expect(await compare(ours, theirs, ['plain/1'])).toMatchObject([
      {
        kind: 'revision',
        what: expect.stringContaining(`1 of 1 are ${side === 'source' ? 'missing' : 'on'} `),
      },
    ]);
  });

  test('finds documents on shards where nobody looks for them', async () => {
    const { raven } = bench.stack;
    const [source, target] = [bench.stack.databaseName('source'), bench.stack.databaseName('target')];
    await copyIntoOneShard(raven, bench.source, source);
    await createShardedDatabase(new Database(raven, target), { shards: 3, replicationFactor: 1 });
    const misplaced = new Application(raven, target);
    await withBucketsMoved(raven, target, () => misplaced.put('plain/0', plain(0)));
    const found = await compare(bench.source, target, ['plain/0']);
    expect(found).toMatchObject([
      { kind: 'document', id: 'plain/0', what: 'is missing on the target' },
      { kind: 'placement', id: 'plain/0', what: expect.stringMatching(/^lies on shard (\d), but .* \d$/) },
    ]);
    expect(found[1]?.shard).not.toBe(found[0]?.shard);
    await misplaced.put('plain/0', plain(0));
    expect(await compare(bench.source, target, ['plain/0'])).toEqual(found.slice(1));
  });

  test('finds attachments whose bytes RavenDB has lost', async () => {
    const { raven } = bench.stack;
    const [source, target] = [bench.stack.databaseName('source'), bench.stack.databaseName('target')];
    await createShardedDatabase(new Database(raven, target), { shards: 3, replicationFactor: 1 });
    const lost = await loseAttachments(raven, source, target);
    const found = await compare(source, target, lost);
    const unreadable = new Set<string>();
    for (const id of lost) if (!(await readable(raven, target, id, '1'))) unreadable.add(id);
    expect(unreadable).not.toEqual(new Set());
    const named = found.filter(({ kind }) => kind === 'attachment');
    expect(new Set(named.map(({ id }) => id))).toEqual(unreadable);
    const what = 'attachment "1" has lost its bytes on the target';
    expect(named).toEqual(named.map((each) => ({ ...each, what })));
  });
});
