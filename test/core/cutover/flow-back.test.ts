import { expect, test } from 'vitest';
import { countBehind, type FlowedStorage } from '../../../src/core/cutover/flow-back.ts';

const at = (...etags: number[]): FlowedStorage[] =>
  etags.map((lastEtag, shard) => ({
    connection: 'prod',
    database: `ShopSharded$${shard}`,
    databaseId: `${shard}`,
    lastEtag,
    comparedEtag: 0,
  }));

test('what the old database lacks is counted over all shards; of one that it does not know, all', () => {
  expect(countBehind(at(10, 20), at(15, 20))).toBe(5);
  expect(countBehind(at(10, 20), at(15, 22))).toBe(7);
  expect(countBehind(at(10), at(10, 4))).toBe(4);
});
