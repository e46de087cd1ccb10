import { describe, expect, test } from 'vitest';
import { assertSomethingCopied } from '../../../src/engine/transfer/transfer.ts';
import { shardedItems } from '../../../src/ravendb/requests/statistics.ts';
import { countedItems } from '../../../src/ravendb/smuggler/item-types.ts';

describe('something was copied', () => {
  test('where the source has something', () => {
    expect(() => assertSomethingCopied(3, 3)).not.toThrow();
  });

  test('or else the copy has failed for good', () => {
    expect(() => assertSomethingCopied(0, 3)).toThrow(
      expect.objectContaining({ kind: 'NothingCopied', retryable: false }),
    );
  });

  test('and need not be where the source has nothing', () => {
    expect(() => assertSomethingCopied(0, 0)).not.toThrow();
  });
});

test('progress counts the kinds that a database and an export count alike', () => {
  const counts = {
    documents: 1,
    revisions: 10,
    counterGroups: 100,
    attachments: 1_000,
    timeSeriesEntries: 1e6,
  };
  expect(countedItems(counts)).toBe(111);
  expect(countedItems({})).toBe(0);
});

test('the items that belong to documents are all that a shard is sent', () => {
  const counts = {
    documents: 1,
    revisions: 10,
    counterGroups: 100,
    timeSeriesSegments: 1_000,
    attachments: 1e6,
    conflicts: 1e6,
    tombstones: 1e6,
  };
  expect(shardedItems(counts)).toBe(1_111);
});
