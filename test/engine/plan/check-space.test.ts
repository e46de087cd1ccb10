import { describe, expect, test } from 'vitest';
import { checkTargetDisk } from '../../../src/engine/plan/check-space.ts';

const GB = 1_000_000_000;
const nodes = [
  { node: 'A', freeBytes: 100 * GB },
  { node: 'B', freeBytes: 20 * GB },
];

describe('room on the disks of the target', () => {
  interface Case {
    used: number;
    there?: number;
    factor?: number;
    spread?: number;
    members?: Set<string>;
  }

  test.each<[string, Case, string]>([
    ['plenty', { used: 10 * GB }, 'ok'],
    ['just enough', { used: 15 * GB }, 'warning'],
    ['too little', { used: 21 * GB }, 'blocker'],
    ['what is there already needs none', { used: 40 * GB, there: 39 * GB }, 'ok'],
    ['two copies over two nodes are one each', { used: 15 * GB, factor: 2, spread: 2 }, 'warning'],
    ['one copy over two nodes is half of one each', { used: 24 * GB, spread: 2 }, 'ok'],
    ['a node that has no part does not count', { used: 60 * GB, members: new Set(['A']) }, 'ok'],
    ['none says', { used: GB, members: new Set(['C']) }, 'warning'],
  ])('%s', (_what, { used, there = 0, factor = 1, spread = 1, members }, status) => {
    const check = checkTargetDisk({ used, there, nodes, copies: { factor, spread, nodes: members } });
    expect(check).toMatchObject({ name: 'disk of the target', status });
  });

  test('that nobody may see', () => {
    const copies = { factor: 1, spread: 1, nodes: undefined };
    const check = checkTargetDisk({ used: GB, there: 0, nodes: undefined, copies });
    expect(check).toMatchObject({ status: 'warning', message: expect.stringContaining('Operator') });
  });
});
