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
  [{ repair: 'yes' }, 'repair must be one of "no", "ask"'],
])('%j is refused', (fields, problem) => {
  const parsed = parseVerifyDatabases({ ...places, ...fields });
  expect(parsed.ok ? '' : parsed.problem).toContain(problem);
});
