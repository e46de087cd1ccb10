import { expect, test } from 'vitest';
import { shardedItems } from '../../../src/ravendb/requests/statistics.ts';

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
