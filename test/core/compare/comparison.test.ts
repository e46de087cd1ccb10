import { describe, expect, test } from 'vitest';
import {
  addedUp,
  type ComparedStorage,
  compared,
  MOST_MISPLACED,
  type Reading,
  type ReadingProgress,
  unread,
} from '../../../src/core/compare/comparison.ts';
import { RangeSums } from '../../../src/core/compare/range-sums.ts';
import { MAX_DIFFERENCES } from '../../../src/core/compare/verification.ts';
import type { PieceKind } from '../../../src/core/copy/pieces.ts';

/** A key that falls into a range. */
const keyIn = (range: number) => BigInt(range) << 60n;

function sums(...items: [range: number, hash: bigint][]): string {
  const sums = new RangeSums();
  for (const [range, hash] of items) sums.add(keyIn(range), hash);
  return sums.toText();
}

/** A part of the source, or of a shard of the target, that was read. */
function part(
  shard: number | 'source',
  kind: PieceKind,
  read: Partial<ReadingProgress> = {},
): { reading: Reading; read: ReadingProgress } {
  const storage: ComparedStorage = {
    side: shard === 'source' ? 'source' : 'target',
    connection: 'a',
    database: shard === 'source' ? 'Shop' : `Shop$${shard}`,
    shard: shard === 'source' ? null : shard,
    databaseId: 'x',
    lastEtag: 99,
  };
  const reading = { storage, piece: { kind, from: 5, before: 100 } };
  return { reading, read: { ...unread(reading), ...read } };
}

test('a reading begins with the first etag of its piece, and with nothing', () => {
  const { reading } = part('source', 'Documents');
  expect(unread(reading)).toEqual({
    next: 5,
    items: 0,
    bytes: 0,
    sums: '',
    attachments: 0,
    counters: 0,
    misplaced: [],
  });
});

describe('what was read', () => {
  test('is equal where the sums of all parts of a side are, however the sides were cut', () => {
    const { differing } = compared([
      part('source', 'Documents', { sums: sums([3, 10n], [7, 1n]) }),
      part('source', 'Documents', { sums: sums([3, 5n]) }),
      part(0, 'Documents', { sums: sums([7, 1n]) }),
      part(1, 'Documents', { sums: sums([3, 15n]) }),
    ]);
    expect(differing).toEqual({});
  });

  test('differs in ranges, each kind by itself', () => {
    const { differing } = compared([
      part('source', 'Documents', { sums: sums([3, 10n], [14, 1n]) }),
      part('source', 'TimeSeries', { sums: sums([8, 1n]) }),
      part('source', 'CounterGroups', { sums: sums([5, 1n]) }),
      part(0, 'Documents', { sums: sums([3, 10n]) }),
      part(0, 'TimeSeries', { sums: sums([9, 1n]) }),
      part(0, 'CounterGroups', { sums: sums([5, 1n]) }),
      part(1, 'Documents', { sums: sums([3, 1n]) }),
    ]);
    expect(differing).toEqual({ Documents: [3, 14], TimeSeries: [8, 9] });
  });

  test('differs where one side was not read at all, or not the last of the shards', () => {
    expect(compared([part('source', 'Documents', { sums: sums([3, 1n]) })]).differing).toEqual({
      Documents: [3],
    });
    const source = part('source', 'Documents', { sums: sums([3, 1n], [9, 1n]) });
    const first = part(0, 'Documents', { sums: sums([3, 1n]) });
    expect(compared([source, first]).differing).toEqual({ Documents: [9] });
    expect(compared([first]).differing).toEqual({ Documents: [3] });
  });

  test('is counted side by side, and by shard', () => {
    const result = compared([
      part('source', 'Documents', { items: 10, attachments: 4, counters: 3 }),
      part('source', 'Documents', { items: 5, attachments: 1, counters: 2 }),
      part(0, 'Documents', { items: 6, attachments: 2, counters: 1 }),
      part(0, 'Documents', { items: 1, attachments: 1 }),
      part(2, 'Documents', { items: 7, counters: 4 }),
      part(2, 'TimeSeries', { items: 100, attachments: 100, counters: 100 }),
    ]);
    expect(result.documents).toEqual({ source: 15, target: 14 });
    expect(result.shards).toEqual({ 0: 7, 2: 7 });
    expect(result.counts).toEqual({
      attachments: { source: 5, target: 3 },
      counters: { source: 5, target: 5 },
    });
  });

  test('has revisions where they were read, be they on one side alone', () => {
    expect(compared([part(0, 'RevisionDocuments', { items: 3 })]).counts.revisions).toEqual({
      source: 0,
      target: 3,
    });
    expect(compared([part('source', 'Documents')]).counts).not.toHaveProperty('revisions');
  });

  test('names no shard of a target that is not sharded', () => {
    const whole = part(0, 'Documents', { items: 3 });
    whole.reading.storage.shard = null;
    const result = compared([whole]);
    expect(result.shards).toEqual({});
    expect(result.documents).toEqual({ source: 0, target: 3 });
  });

  test('lists what lies on the wrong shard, of every part', () => {
    const misplaced = [
      { id: 'a', shard: 0 },
      { id: 'b', shard: 1 },
    ];
    expect(
      compared([
        part(0, 'Documents', { misplaced: misplaced.slice(0, 1) }),
        part(1, 'Documents', { misplaced: misplaced.slice(1) }),
      ]).misplaced,
    ).toEqual(misplaced);
  });

  test('lists no more of it than one above what a verification lists, whatever the number of parts', () => {
    const misplaced = Array.from({ length: MOST_MISPLACED }, (_, n) => ({ id: `${n}`, shard: 0 }));
    const parts = [0, 1, 2].map((shard) => part(shard, 'Documents', { misplaced }));
    expect(compared(parts).misplaced).toHaveLength(MAX_DIFFERENCES + 1);
    expect(addedUp([...parts, ...parts]).map(({ read }) => read.misplaced.length)).toEqual([101, 101, 101]);
  });
});
