import { expect, test } from 'vitest';
import { parseRemoveLeftovers } from '../../../src/core/contract/cleanup-contract.ts';

const place = { connection: 'prod', database: 'Shop' };

test('one side is enough, and nothing is removed unless that is asked for', () => {
  expect(parseRemoveLeftovers({ source: place })).toEqual({
    ok: true,
    value: { source: place, target: null, remove: false },
  });
  expect(parseRemoveLeftovers({ target: place, remove: true })).toEqual({
    ok: true,
    value: { source: null, target: place, remove: true },
  });
});

test('without a side it is refused in one sentence', () => {
  expect(parseRemoveLeftovers({})).toEqual({
    ok: false,
    problem: 'Invalid input of removeLeftovers: source or target is missing: name one of them, or both.',
  });
  expect(parseRemoveLeftovers({ source: place, yes: true })).toMatchObject({
    problem: expect.stringContaining('yes is not a field (known here: source, target, remove)'),
  });
});
