import { describe, expect, test } from 'vitest';
import { describeLateWrites, isMissed, type LateWrites } from '../../../src/core/cutover/late-writes.ts';

function late(more: Partial<LateWrites> = {}): LateWrites {
  return {
    source: { connection: 'prod', database: 'Shop' },
    since: '2026-05-04T10:00:00.000Z',
    changes: 3,
    documents: 0,
    ids: [],
    expired: 0,
    same: 0,
    more: false,
    compareExchange: false,
    byItself: [],
    ...more,
  };
}

const HEAD = 'have come to the old database "Shop" since the switch at 2026-05-04T10:00:00.000Z.';
const ADVICE = 'Stop what writes there, and carry over by hand what is missing.';

describe('what has come too late', () => {
  test('is named, up to some number', () => {
    expect(describeLateWrites(late({ documents: 2, ids: ['orders/1', 'orders/2'] }))).toBe(
      `3 changes ${HEAD} 2 documents are not on the target as there: "orders/1", "orders/2". ${ADVICE}`,
    );
    const many = late({ documents: 1_000, ids: ['orders/1'], more: true });
    expect(describeLateWrites(many)).toContain(
      'At least 1,000 documents are not on the target as there: "orders/1" and 999 more.',
    );
  });

  test('says what RavenDB itself has written', () => {
    const harmless = late({ expired: 2, same: 1, byItself: ['expiration'] });
    expect(describeLateWrites(harmless)).toBe(
      `3 changes ${HEAD} RavenDB has deleted 2 documents that had expired. ` +
        '1 document is the same on the target, or written by an index there.',
    );
    expect(describeLateWrites({ ...harmless, documents: 1, ids: ['a'] })).toContain(
      `RavenDB itself writes there, too: expiration. ${ADVICE}`,
    );
  });

  test.each([
    ['a document', { documents: 1, ids: ['a'] }, true, /1 document is not on the target/],
    ['compare exchange alone', { changes: 0, compareExchange: true }, true, /Compare exchange has changed/],
    ['what left no trace', {}, true, /can no longer be told: they may be deletions/],
    ['another storage', { changes: null }, true, /cannot be told: another node answers/],
    ['what has expired', { expired: 3 }, false, /had expired/],
    ['what is the same', { same: 3 }, false, /the same on the target/],
  ] as const)('is missing on the target, or not: %s', (_what, more, missed, words) => {
    expect(isMissed(late(more as Partial<LateWrites>))).toBe(missed);
    expect(describeLateWrites(late(more as Partial<LateWrites>))).toMatch(words);
  });
});
