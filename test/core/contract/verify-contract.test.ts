import { expect, test } from 'vitest';
import { parseVerifyDatabases } from '../../../src/core/contract/verify-contract.ts';

const places = {
  source: { connection: 'prod', database: 'Shop' },
  target: { connection: 'prod', database: 'ShopSharded' },
};

test('two places are enough', () => {
  expect(parseVerifyDatabases(places)).toEqual({
    ok: true,
    value: {
      ...places,
      depth: 'full',
      sampleSize: 1_000,
      allowExtra: false,
      maxItemsPerSecond: null,
      repair: 'no',
    },
  });
});

test.each([
  [
    { target: { connection: 'prod', database: 'SHOP' } },
    'target.database must be a different database from the source',
  ],
  [{ target: { ...places.target, shards: 3 } }, 'target.shards is not a field'],
  [{ depth: 'sample', sampleSize: 0 }, 'sampleSize must be at least 1'],
  [{ sampleSize: 5 }, 'sampleSize is only for depth "sample"'],
  [
    { depth: 'sample', maxItemsPerSecond: 5 },
    'maxItemsPerSecond is only for depth "full"; the others read little',
  ],
  [{ depth: 'counts', maxItemsPerSecond: 5 }, 'maxItemsPerSecond is only for depth "full"'],
  [{ depth: 'counts', sampleSize: 5 }, 'sampleSize is only for depth "sample"'],
  [{ depth: 'sample', sampleSize: 100_001 }, 'sampleSize must be at most 100000'],
  [{ depth: 'counts', repair: 'ask' }, 'repair needs depth "full" or "sample": counts do not show which'],
  [{ depth: 'all' }, 'Invalid input of verifyDatabases: depth must be one of "counts", "sample", "full"'],
  [{ repair: 'yes' }, 'repair must be one of "no", "ask"'],
])('%j is refused', (fields, problem) => {
  const parsed = parseVerifyDatabases({ ...places, ...fields });
  expect(parsed.ok ? '' : parsed.problem).toContain(problem);
});

test.each([
  { depth: 'sample', sampleSize: 1 },
  { depth: 'sample', sampleSize: 100_000 },
  { depth: 'sample', repair: 'ask' },
  { depth: 'full', repair: 'ask', maxItemsPerSecond: 5 },
  { depth: 'counts', repair: 'no', maxItemsPerSecond: null },
])('%j is taken as it is', (fields) => {
  expect(parseVerifyDatabases({ ...places, ...fields })).toMatchObject({ ok: true, value: fields });
});
