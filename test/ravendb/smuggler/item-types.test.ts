import { expect, test } from 'vitest';
import { countedItems } from '../../../src/ravendb/smuggler/item-types.ts';

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
