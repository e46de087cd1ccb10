import { describe, expect, test } from 'vitest';
import { cutsBetween, needsDocuments, piecesOf } from '../../../src/core/copy/pieces.ts';

const of = (items: number) => ({ items, perPiece: 100_000, most: 100 });

describe('cuts of a copy', () => {
  test('are none for few items', () => {
    expect(cutsBetween(1, 1_000_000, of(100_000))).toEqual([]);
    expect(cutsBetween(1, 0, of(0))).toEqual([]);
  });

  test('part the etags evenly', () => {
    expect(cutsBetween(1, 200_000, of(400_000))).toEqual([50_001, 100_001, 150_001]);
    expect(cutsBetween(101, 200, of(300_000))).toEqual([134, 168]);
  });

  test('are bounded in number, however many items there are', () => {
    const cuts = cutsBetween(1, 1e9, of(1e9));
    expect(cuts).toHaveLength(99);
    expect(cuts.toSorted((a, b) => a - b)).toEqual(cuts);
  });

  test('are no more than there are etags', () => {
    expect(cutsBetween(7, 9, of(1e6))).toEqual([8, 9]);
  });
});

test('pieces cover every etag up to the last once', () => {
  expect(piecesOf('Documents', [10, 20], 25)).toEqual([
    { kind: 'Documents', from: 0, before: 10 },
    { kind: 'Documents', from: 10, before: 20 },
    { kind: 'Documents', from: 20, before: 26 },
  ]);
  expect(piecesOf('TimeSeries', [], 0)).toEqual([{ kind: 'TimeSeries', from: 0, before: 1 }]);
});

test.each([
  [[], false],
  [['Documents', 'RevisionDocuments'], false],
  [['RevisionDocuments', 'CounterGroups'], true],
  [['TimeSeries'], true],
] as const)('whether a stage of %j waits for its documents', (kinds, needs) => {
  expect(needsDocuments(kinds.map((kind) => ({ kind, from: 0, before: 1 })))).toBe(needs);
});
