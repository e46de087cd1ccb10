import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Load } from '../../../src/engine/transfer/shard-router.ts';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';
import { counter, doc, feed, HERE, Routed, segment, stream } from './routed.ts';

let routed: Routed;

beforeEach(async () => {
  routed = await Routed.open();
});
afterEach(() => routed.close());

describe('items', () => {
  test('go to the shards of their documents, and what is of no document to the whole', async () => {
    const to = routed.router();
    feed(to, 'Docs', doc('a/1'));
    feed(to, 'Docs', doc('a/2'));
    feed(to, 'Docs', doc('b/1'));
    feed(to, 'Docs', doc('odd'));
    for (const list of [
      'Tombstones',
      'TimeSeriesDeletedRanges',
      'CompareExchange',
      'CompareExchangeTombstones',
      'Identities',
    ])
      feed(to, list, `{"Key":"${list}/1"}`);
    expect(await routed.sent()).toEqual([
      ['1 from Docs', [`Docs: ${doc('a/1')}`, doc('b/1')]],
      ['2 from Docs', [`Docs: ${doc('a/2')}`]],
      [
        'whole from Docs',
        [
          `Docs: ${doc('odd')}`,
          'Tombstones: {"Key":"Tombstones/1"}',
          'TimeSeriesDeletedRanges: {"Key":"TimeSeriesDeletedRanges/1"}',
          'CompareExchange: {"Key":"CompareExchange/1"}',
          'CompareExchangeTombstones: {"Key":"CompareExchangeTombstones/1"}',
          'Identities: {"Key":"Identities/1"}',
        ],
      ],
    ]);
    expect(routed.cuts).toEqual([]);
  });

  test('of a list that nobody knows stop the transfer, for good', () => {
    const refused = () => feed(routed.router(), 'Novelties', '{}');
    expect(refused).toThrow(RavenError);
    expect(refused).toThrow(/a list "Novelties"/);
    expect(refused).toThrow(expect.objectContaining({ kind: 'InvalidDataException', retryable: false }));
    expect(routed.feeds).toEqual([]);
  });

  test('of lists that are not taken are left out, unknown ones too', async () => {
    const to = routed.router({ takes: (section) => section === 'Docs' });
    feed(to, 'Novelties', '{}');
    feed(to, 'CounterGroups', counter('a/1'));
    feed(to, 'Docs', doc('a/1'));
    expect(await routed.sent()).toEqual([['1 from Docs', [`Docs: ${doc('a/1')}`]]]);
    expect(to.items).toBe(1);
  });

  test('are sent as they are rewritten, those of the whole as they are', async () => {
    const to = routed.router({ rewrite: (section, json) => Buffer.from(`${section}!${json.length}`) });
    feed(to, 'Docs', doc('a/1'));
    feed(to, 'Identities', '{"Key":"a|"}');
    expect(await routed.sent()).toEqual([
      ['1 from Docs', [`Docs: Docs!${doc('a/1').length}`]],
      ['whole from Identities', ['Identities: {"Key":"a|"}']],
    ]);
  });

  test('are told of when they are sent, and only then', () => {
    const told: string[] = [];
    const to = routed.router({
      skip: 1,
      accepts: (_section, json) => !json.includes('b/1'),
      onItem: (section, json) => told.push(`${section} ${json}`),
    });
    for (const id of ['a/1', 'b/1', 'c/1']) feed(to, 'Docs', doc(id));
    feed(to, 'Identities', '{}');
    expect(told).toEqual([`Docs ${doc('c/1')}`, 'Identities {}']);
  });
});

describe('the raw bytes of time series', () => {
  test('follow their segment, to the same shard alone', async () => {
    const to = routed.router({ singleLoad: true });
    feed(to, 'Docs', doc('a/2'));
    feed(to, 'TimeSeries', segment('a/1', 4), 'ab', 'cd');
    feed(to, 'TimeSeries', segment('a/2', 1), 'x');
    feed(to, 'Docs', doc('b/2'));
    to.blob(Buffer.from('of nobody'));
    expect(await routed.sent()).toEqual([
      [
        '2 from Docs',
        [`Docs: ${doc('a/2')}`, `TimeSeries: ${segment('a/2', 1)}`, '<x>', `Docs: ${doc('b/2')}`],
      ],
      ['1 from TimeSeries', [`TimeSeries: ${segment('a/1', 4)}`, '<ab>', '<cd>']],
    ]);
  });

  test('are left out with an item that is left out', async () => {
    const to = routed.router({ accepts: (_section, json) => !json.includes('b/1') });
    feed(to, 'TimeSeries', segment('a/1', 1), 'x');
    feed(to, 'TimeSeries', segment('b/1', 1), 'y');
    expect(await routed.sent()).toEqual([['1 from TimeSeries', [`TimeSeries: ${segment('a/1', 1)}`, '<x>']]]);
  });

  test('count as bytes of the load', () => {
    const to = routed.router();
    feed(to, 'TimeSeries', segment('a/1', 4), 'ab', 'cd');
    expect(to.bytes).toBe(segment('a/1', 4).length + 4);
  });
});

describe('a load', () => {
  test('holds what was sent since the last one, and how far the dump was read', () => {
    const to = routed.router();
    feed(to, 'Docs', doc('a/1', 5));
    feed(to, 'Docs', doc('a/2', 3));
    const first = to.cut();
    expect(first).toEqual({
      feeds: routed.feeds.slice(),
      size: 2,
      first: { section: 'Docs', json: Buffer.from(doc('a/1', 5)) },
      sent: { documents: 2 },
      items: 2,
      bytes: doc('a/1', 5).length + doc('a/2', 3).length,
      etag: 5,
    });
    expect(to.bytes).toBe(0);
    feed(to, 'Docs', doc('b/1', 9));
    feed(to, 'Identities', '{}');
    expect(to.cut()).toEqual({
      feeds: routed.feeds.slice(2),
      size: 2,
      first: { section: 'Docs', json: Buffer.from(doc('b/1', 9)) },
      sent: { documents: 1 },
      items: 4,
      bytes: doc('b/1', 9).length + 2,
      etag: 9,
    });
    expect(to.cut()).toEqual({
      ...{ feeds: [], size: 0, first: undefined, sent: {} },
      ...{ items: 4, bytes: 0, etag: 9 },
    });
  });

  test('ends by itself after so many items where there is a bound', () => {
    const loads: Load[] = [];
    const to = routed.router({ mostItems: () => 2, onCut: (load) => loads.push(load) });
    for (const n of [1, 2, 3, 4, 5]) feed(to, 'Docs', doc(`a/${n}`, n));
    expect(loads.map(({ size, items, etag }) => [size, items, etag])).toEqual([
      [2, 2, 2],
      [2, 4, 4],
    ]);
    expect(to.cut()).toMatchObject({ size: 1, items: 5, etag: 5 });
  });

  test.each([
    ['RevisionDocuments', doc('b/1'), 'revisions'],
    ['CounterGroups', counter('b/1'), 'counterGroups'],
    ['TimeSeries', segment('b/1', 0), 'timeSeriesSegments'],
  ])('ends before %s, once', (section, json, kind) => {
    const to = routed.router();
    feed(to, 'Docs', doc('a/1'));
    feed(to, section, json);
    feed(to, section, json);
    expect(routed.cuts).toMatchObject([{ sent: { documents: 1 }, items: 1 }]);
    expect(routed.feeds.map(({ target }) => target)).toEqual(['1 from Docs', `1 from ${section}`]);
    expect(to.cut().sent).toEqual({ [kind]: 2 });
  });

  test('does not end where all goes as one, nor before documents and what is of the whole', () => {
    const whole = routed.router({ singleLoad: true });
    feed(whole, 'Docs', doc('a/1'));
    feed(whole, 'CounterGroups', counter('a/1'));
    feed(whole, 'RevisionDocuments', doc('a/1'));
    const parted = routed.router();
    feed(parted, 'Identities', '{}');
    feed(parted, 'Docs', doc('a/1'));
    feed(parted, 'Tombstones', '{}');
    expect(routed.cuts).toEqual([]);
  });
});

describe('a transfer', () => {
  test('ends with the first item at or beyond an etag, with all that follow', async () => {
    const to = routed.router({ before: 10 });
    feed(to, 'Docs', doc('a/1', 9));
    expect(to.reachedEnd).toBe(false);
    feed(to, 'Docs', doc('b/1', 10));
    feed(to, 'Docs', doc('c/1', 2));
    feed(to, 'Docs', stream('p=', 4), 'byte');
    expect(to.reachedEnd).toBe(true);
    expect(await routed.sent()).toEqual([['1 from Docs', [`Docs: ${doc('a/1', 9)}`]]]);
    expect(routed.attachments.inMemory('p=')).toBeUndefined();
    expect(to.cut()).toMatchObject({ items: 1, etag: 9 });
  });

  test('by etag does not end with what has none, nor by etags of another storage', () => {
    const to = routed.router({ before: 1 });
    feed(to, 'Identities', `{"@change-vector":"A:99-${HERE}"}`);
    feed(to, 'Docs', `{"@metadata":{"@change-vector":"A:99-other","@id":"a/1"}}`);
    expect(to.reachedEnd).toBe(false);
    const unasked = routed.router({ before: 1, databaseId: undefined });
    feed(unasked, 'Docs', doc('a/1', 99));
    expect(unasked.reachedEnd).toBe(false);
    expect([to.items, unasked.items, unasked.cut().etag]).toEqual([2, 1, 0]);
  });

  test('ends when there is enough', () => {
    let enough = false;
    const to = routed.router({ stopWhen: () => enough });
    feed(to, 'Docs', doc('a/1', 1));
    enough = true;
    feed(to, 'Docs', doc('b/1', 2));
    enough = false;
    feed(to, 'Docs', doc('c/1', 3));
    expect([to.reachedEnd, to.items, to.cut().etag]).toEqual([true, 1, 1]);
  });

  test('passes over what is on the target, but knows its etags', async () => {
    const to = routed.router({ skip: 2 });
    feed(to, 'Docs', doc('a/1', 7));
    feed(to, 'Docs', doc('b/1', 3));
    expect([to.items, to.bytes]).toEqual([2, 0]);
    feed(to, 'Docs', doc('c/1', 4));
    expect(await routed.sent()).toEqual([['1 from Docs', [`Docs: ${doc('c/1', 4)}`]]]);
    expect(to.cut()).toMatchObject({ sent: { documents: 1 }, items: 3, etag: 7 });
  });

  test('knows the etags of what it does not accept, and counts it not', async () => {
    const to = routed.router({ accepts: (section, json) => section !== 'Docs' || json.includes('a/1') });
    feed(to, 'Docs', doc('a/1', 1));
    feed(to, 'Docs', doc('b/1', 8));
    expect(await routed.sent()).toEqual([['1 from Docs', [`Docs: ${doc('a/1', 1)}`]]]);
    expect(to.cut()).toMatchObject({ items: 1, etag: 8, bytes: doc('a/1', 1).length });
  });

  test('leaves deleted counters out of a group', async () => {
    const to = routed.router();
    feed(to, 'CounterGroups', counter('a/1', 4, '{"likes":"2","views":[1,3]}'));
    const left = counter('a/1', 4, '{"views":[1,3]}');
    expect(await routed.sent()).toEqual([['1 from CounterGroups', [`CounterGroups: ${left}`]]]);
  });

  test('leaves out groups of deleted counters unless they are wanted', async () => {
    const gone = counter('a/1', 4, '{"likes":"2"}');
    const to = routed.router();
    feed(to, 'CounterGroups', gone);
    expect(await routed.sent()).toEqual([]);
    expect(to.cut()).toMatchObject({ sent: {}, items: 1, etag: 4 });
    feed(routed.router({ sendDeletedCounters: true }), 'CounterGroups', gone);
    expect(await routed.sent()).toEqual([['1 from CounterGroups', [`CounterGroups: ${gone}`]]]);
  });

  test('waits for every shard that is full, and fails with any of them', async () => {
    const to = routed.router();
    feed(to, 'Docs', doc('a/1'));
    feed(to, 'Docs', doc('a/2'));
    const gate = Promise.withResolvers<void>();
    const [, second] = routed.feeds;
    if (second) second.full = gate.promise;
    let ready = false;
    const waiting = to.ready().then(() => {
      ready = true;
    });
    await Promise.resolve();
    await new Promise(setImmediate);
    expect(ready).toBe(false);
    gate.resolve();
    await waiting;
    if (second) second.full = Promise.reject(new Error('refused'));
    await expect(to.ready()).rejects.toThrow('refused');
    to.cut();
    await to.ready();
  });
});
