import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareById } from '../../src/activities/compare-by-id.ts';
import { splitDocument } from '../../src/core/document-digest.ts';
import type { Difference } from '../../src/core/verification.ts';
import { createShardedDatabase } from '../../src/ravendb/database.ts';
import { documentLines } from '../../src/ravendb/documents.ts';
import { readPosition } from '../../src/ravendb/statistics.ts';
import { ActivityBench } from '../support/activities.ts';
import { Application } from '../support/application.ts';
import {
  loseAttachments,
  putIntoConflict,
  readable,
  replaceRevisions,
  withBucketsMoved,
} from '../support/damage.ts';
import { createEverything } from '../support/everything.ts';
import { moment } from '../support/everything-numbers.ts';
import { copyIntoOneShard } from '../support/plain-copy.ts';
import { collectionOf, victim } from '../support/victims.ts';

interface Plant {
  id: string;
  plant: (target: Application) => Promise<void>;
  /** Every difference that this makes; a time is any time. */
  found: string[];
}

const at = (second: number) => moment(second).replace('Z', '0000Z');
/** The times of revisions are those of the test. */
const untimed = (kind: string, what: string) =>
  kind === 'revision' ? what.replace(/20[\d:.TZ-]+$/, '<time>') : what;

const PLANTS: Plant[] = [
  {
    id: 'plain/1',
    plant: (target) => target.delete('plain/1'),
    found: ['document: is missing on the target'],
  },
  {
    id: 'extra/1',
    plant: (target) => target.put('extra/1', '{}'),
    found: ['document: is on the target only'],
  },
  {
    id: 'plain/2',
    plant: (target) => target.put('plain/2', plain(2, '"Number":2,"Price":2.5')),
    found: ['document: differs in "Price"'],
  },
  {
    id: 'plain/3',
    plant: (target) => target.put('plain/3', plain(3, '"Price":3.50,"Number":3')),
    found: ['document: has its properties in another order'],
  },
  {
    id: 'plain/4',
    plant: async (target) => {
      await target.delete('plain/4');
      await target.put('PLAIN/4', plain(4));
    },
    found: ['document: has its id in another case on the target: "PLAIN/4"'],
  },
  {
    id: 'plain/5',
    plant: (target) =>
      target.put('plain/5', plain(5).replace('"Plain"', '"Plain","@expires":"2199-01-02T03:04:05.0000000Z"')),
    found: ['document: differs in the metadata "@expires"'],
  },
  {
    id: 'plain/6',
    plant: async (target) => {
      await target.delete('plain/6');
      await target.put('plain/6', plain(6).replace('"Plain"', '"Other","Owner":1.50'));
    },
    found: ['document: differs in the metadata "@collection", "Owner"'],
  },
  {
    id: 'plain/7',
    plant: (target) => target.put('plain/7', '{"@metadata":{"@collection":"Plain"},"a":1}'),
    found: ['document: differs in "Number", "Price", "Text" and 1 more'],
  },
  {
    id: 'plain/8',
    plant: ({ raven, database }) => putIntoConflict(raven, database, 'plain/8'),
    found: ['document: is in conflict on the target'],
  },
  {
    id: 'loose/1',
    plant: (target) => target.attach('loose/1', 'own', 'own of loose/X'),
    found: ['attachment: attachment "own" has other bytes on the target'],
  },
  {
    id: 'loose/2',
    plant: (target) => target.detach('loose/2', 'Shared'),
    found: ['attachment: attachment "Shared" is missing on the target'],
  },
  {
    id: 'loose/3',
    plant: (target) => target.attach('loose/3', 'own', 'own of loose/3', 'text/html'),
    found: ['attachment: attachment "own" has another content type on the target'],
  },
  {
    id: 'loose/4',
    plant: (target) => target.attach('loose/4', 'extra', ''),
    found: ['attachment: attachment "extra" is on the target only'],
  },
  {
    id: 'loose/5',
    plant: (target) => target.increment('loose/5', { likes: 1 }),
    found: ['counter: counter "likes" is 6 on the source, 7 on the target'],
  },
  {
    id: 'counted/large',
    plant: (target) => target.increment('counted/large', { odd: -1 }),
    found: ['counter: counter "odd" is 9007199254740993 on the source, 9007199254740992 on the target'],
  },
  {
    id: 'loose/6',
    plant: (target) => target.deleteCounters('loose/6', ['likes']),
    found: ['counter: counter "likes" is 7 on the source, missing on the target'],
  },
  {
    id: 'plain/9',
    plant: (target) => target.increment('plain/9', { likes: 0 }),
    found: ['counter: counter "likes" is on the target only, as 0'],
  },
  {
    id: 'loose/7',
    plant: (target) =>
      target.append('loose/7', 'HeartRate', [{ at: moment(0), values: [60, 0], tag: 'watches/9' }]),
    found: [`time series: time series "HeartRate" differs in the entry of ${at(0)} (another value or tag)`],
  },
  {
    id: 'loose/8',
    plant: (target) =>
      target.append('loose/8', 'HeartRate', [
        { at: moment(3), values: [1] },
        { at: moment(5), values: [1] },
      ]),
    found: [
      `time series: time series "HeartRate" differs in 2 entries, the first of ${at(3)} (another value or tag)`,
    ],
  },
  {
    id: 'loose/9',
    plant: (target) => target.deleteEntries('loose/9', 'HeartRate', moment(19), moment(19)),
    found: [`time series: time series "HeartRate" differs in the entry of ${at(19)} (missing on the target)`],
  },
  {
    id: 'loose/10',
    plant: (target) => target.deleteEntries('loose/10', 'HeartRate'),
    found: ['time series: time series "HeartRate" of 20 entries is missing on the target'],
  },
  {
    id: 'loose/11',
    plant: (target) => target.append('loose/11', 'heart', [{ at: moment(0), values: [1] }]),
    found: ['time series: time series "heart" of 1 entries is on the target only'],
  },
  {
    id: 'loose/12',
    plant: (target) => target.incrementSeries('loose/12', 'INC:Downloads', [{ at: moment(0), values: [1] }]),
    found: [
      `time series: time series "INC:Downloads" differs in the entry of ${at(0)} (another value or tag)`,
    ],
  },
  {
    id: 'measured/many',
    plant: (target) => target.append('measured/many', 'HeartRate', [{ at: moment(4000), values: [1] }]),
    found: [`time series: time series "HeartRate" differs in the entry of ${at(4000)} (on the target only)`],
  },
  {
    id: 'kept/3',
    plant: (target) => target.deleteRevisions('kept/3'),
    found: ['revision: revisions: 4 of 4 are missing on the target, the newest of <time>'],
  },
  {
    id: 'kept/Deleted Ünï 😀',
    plant: (target) => target.deleteRevisions('kept/Deleted Ünï 😀'),
    found: ['revision: revisions: 4 of 4 are missing on the target, the newest of <time>'],
  },
  {
    id: 'Victims/1',
    plant: async (target) => {
      await target.put('Victims/1', victim(1, 3, collectionOf('Victims/1')));
      await target.forceRevision('Victims/1');
    },
    found: [
      'document: differs in "Version"',
      'revision: revisions: 1 of 9 are on the target only, the newest of <time>',
    ],
  },
  {
    id: 'kept/1',
    plant: ({ raven, database }) =>
      replaceRevisions(raven, database, 'kept/1', ([newest = '', ...older]) => [
        newest.replace('"n":1.50', '"n":1.5'),
        ...older,
      ]),
    found: ['revision: revisions: 1 of 3 differ, the newest of <time>'],
  },
  {
    id: 'kept/5',
    plant: ({ raven, database }) =>
      replaceRevisions(raven, database, 'kept/5', ([newest = '', ...older]) => [
        newest.replace('"likes":5', '"likes":6'),
        ...older,
      ]),
    found: ['revision: revisions: 1 of 5 differ, the newest of <time>'],
  },
  {
    id: 'kept/13',
    plant: ({ raven, database }) =>
      replaceRevisions(raven, database, 'kept/13', (revisions) => revisions.toReversed()),
    found: ['revision: revisions: are in another order on the target'],
  },
];

describe('comparing documents by their ids', () => {
  let bench: ActivityBench;
  let ids: string[];

  beforeAll(async () => {
    bench = await ActivityBench.open();
    await bench.databases({ withTarget: true });
    const { raven } = bench.stack;
    bench.source = bench.stack.databaseName('everything');
    await createEverything(raven, bench.source, { plain: 20 });
    const from = await readPosition(raven, bench.source);
    await bench.call('copy', { ...bench.input(), from });
    ids = await idsOf(bench.source);
  });
  afterAll(() => bench.close());

  async function idsOf(database: string): Promise<string[]> {
    const found = new Set<string>();
    for await (const lines of documentLines(bench.stack.raven, database)) {
      for (const line of lines) found.add(splitDocument(line).metadata['@id']);
    }
    const { Revisions } = await bench.send<{ Revisions: { Id: string }[] }>(
      'GET',
      'debug/documents/get-revisions?start=0&pageSize=100000',
      undefined,
      database,
    );
    for (const { Id } of Revisions) found.add(Id);
    return [...found];
  }

  async function compare(
    source: string,
    target: string,
    these: readonly string[],
    options = { extraAllowed: false },
  ): Promise<Difference[]> {
    const [from, into] = [source, target].map((database) => ({ connection: 'local', database }));
    if (!from || !into) throw new Error('two databases');
    return await compareById(bench.run, { source: from, target: into }, these, options);
  }

  test('finds none between copies of every kind of item, sharded or not', async () => {
    const single = bench.stack.databaseName('single');
    await copyIntoOneShard(bench.stack.raven, bench.source, single);
    expect(ids.length).toBeGreaterThan(400);
    expect(await compare(bench.source, bench.target, ids)).toEqual([]);
    expect(await compare(bench.target, single, ids)).toEqual([]);
    expect(await compare(single, bench.target, ids)).toEqual([]);
    expect(await compare(bench.target, bench.source, ids)).toEqual([]);
    // as RavenDB takes ids
    const shouted = ids.map((id) => (/^[\w/]+$/.test(id) ? id.toUpperCase() : id));
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

    const { etag } = await readPosition(raven, bench.source);
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

  test('finds documents on shards where nobody looks for them', async () => {
    const { raven } = bench.stack;
    const [source, target] = [bench.stack.databaseName('source'), bench.stack.databaseName('target')];
    await copyIntoOneShard(raven, bench.source, source);
    await createShardedDatabase(raven, target, { shards: 3, replicationFactor: 1 });
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
    await createShardedDatabase(raven, target, { shards: 3, replicationFactor: 1 });
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

function plain(n: number, numbers = `"Number":${n},"Price":${n}.50`): string {
  return `{${numbers},"Text":"${'x'.repeat(300)}","@metadata":{"@collection":"Plain"}}`;
}
