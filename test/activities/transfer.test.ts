import { describe, expect, test } from 'vitest';
import { checkArrival, countedItems } from '../../src/activities/transfer.ts';
import type { ItemCounts } from '../../src/ravendb/smuggler-result.ts';

const result = (counts: ItemCounts) => ({ counts, warnings: [] });

describe('what arrived', () => {
  test('is what was sent', () => {
    const counts = { documents: 3, revisions: 2, counterGroups: 1, timeSeriesEntries: 9 };
    expect(() => checkArrival(result(counts), result(counts), 3)).not.toThrow();
  });

  test('is nothing at all where the source has something: that is for good', () => {
    expect(() => checkArrival(result({}), result({}), 3)).toThrow(
      expect.objectContaining({ kind: 'NothingCopied', retryable: false }),
    );
  });

  test('may be nothing where the source has nothing', () => {
    expect(() => checkArrival(result({}), result({}), 0)).not.toThrow();
  });

  test.each(['documents', 'revisions', 'counterGroups', 'timeSeriesEntries'] as const)(
    'has fewer %s: the copy is tried again',
    (kind) => {
      const sent = { documents: 3, revisions: 3, counterGroups: 3, timeSeriesEntries: 3 };
      const arrived = { ...sent, [kind]: 2 };
      expect(() => checkArrival(result(sent), result(arrived), 3)).toThrow(
        expect.objectContaining({
          kind: 'ItemsLost',
          retryable: true,
          message: expect.stringContaining(kind),
        }),
      );
    },
  );
});

test('progress counts the kinds that a database and a transfer count alike', () => {
  const counts = {
    documents: 1,
    revisions: 10,
    attachments: 100,
    counterGroups: 1_000,
    timeSeriesEntries: 1e6,
  };
  expect(countedItems(counts)).toBe(1_111);
  expect(countedItems({})).toBe(0);
});
