import { describe, expect, test } from 'vitest';
import { countChanges, type Position, sameClusterItems } from '../../../src/core/copy/position.ts';

const here: Position = { etag: 100, raftIndex: 10, compareExchange: '3 abc', databaseId: 'x', nodeTag: 'A' };

describe('what lies between two positions', () => {
  test('is nothing where they are the same', () => {
    expect(countChanges(here, { ...here })).toBe(0);
    expect(sameClusterItems(here, { ...here })).toBe(true);
  });

  test('is counted by etags and by raft indexes', () => {
    expect(countChanges(here, { ...here, etag: 107, raftIndex: 12 })).toBe(9);
    expect(sameClusterItems(here, { ...here, raftIndex: 12 })).toBe(false);
  });

  test('is one where only a cluster-wide transaction has changed compare exchange', () => {
    const there = { ...here, compareExchange: '3 abd' };
    expect(sameClusterItems(here, there)).toBe(false);
    expect(countChanges(here, there)).toBe(1);
    expect(countChanges(here, { ...there, etag: 105 })).toBe(5);
  });
});
