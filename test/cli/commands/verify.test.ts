import { expect, test } from 'vitest';
import { verifyInput } from '../../../src/cli/commands/verify.ts';

const places = { source: 'prod/Shop', target: 'other/Shop' };

test('options become the input of the workflow', () => {
  const sides = {
    source: { connection: 'prod', database: 'Shop' },
    target: { connection: 'other', database: 'Shop' },
  };
  expect(verifyInput(places)).toEqual(sides);
  expect(
    verifyInput({ ...places, depth: 'sample', sampleSize: '50', allowExtra: true, repair: true }),
  ).toEqual({ ...sides, depth: 'sample', sampleSize: 50, allowExtra: true, repair: 'ask' });
  expect(verifyInput({ ...places, maxItemsPerSecond: '500' })).toEqual({ ...sides, maxItemsPerSecond: 500 });
});

test.each([
  [{ target: 'Shop' }, '--target must be <connection>/<database>, not "Shop".'],
  [{ target: 'prod/shop' }, 'target.database must be a different database from the source'],
  [{ sampleSize: '50' }, 'sampleSize is only for depth "sample"'],
  [{ maxItemsPerSecond: 'many' }, 'maxItemsPerSecond must be of type'],
])('%j is refused in one sentence', (options, problem) => {
  expect(() => verifyInput({ ...places, ...options })).toThrow(problem);
});
