import { describe, expect, test } from 'vitest';
import type { RefusedItem } from '../../../src/core/copy/refused.ts';
import { describeApproval, describeLimit, describeTransferred, page } from '../../../src/core/run/page.ts';
import { progress, verification } from '../../cli/fixtures.ts';

const refused: RefusedItem = { kind: 'counter', id: 'orders/1', reason: 'too small' };

describe('the whole page', () => {
  test('of a run that works is short', () => {
    const lines = page(
      progress({ phase: 'copying', phases: ['planning', 'copying', 'completing'], title: 'T', since: 'S' }),
    ).split('\n');
    expect(lines).toEqual([
      '**T**',
      '',
      'Phase **copying**, since S',
      '',
      'The phases:',
      '',
      '- ~~planning~~',
      '- **copying**',
      '- completing',
      '',
      `Workflow ${progress().workflowId}`,
    ]);
  });

  test('says how long each phase took, and how far the work is', () => {
    const phases = ['planning', 'copying', 'catching-up', 'freezing'] as const;
    const startedAt = '2026-01-01T00:00:00.000Z';
    const text = page(
      progress({ phase: 'catching-up', phases, transferred: { items: 45, totalItems: 100 } }),
      [
        { phase: 'planning', startedAt, seconds: 3 },
        { phase: 'copying', startedAt, seconds: 60 },
        { phase: 'freezing', startedAt, seconds: 1 },
        { phase: 'copying', startedAt, seconds: 30 },
        { phase: 'catching-up', startedAt, seconds: 0 },
      ],
    );
    expect(text.split('\n').filter((line) => line.startsWith('- '))).toEqual([
      '- Progress: `█████████░░░░░░░░░░░` 45 of 100 items (45%)',
      '- ~~planning~~ 3 s',
      '- ~~copying~~ 1 min 30 s, 2 times',
      '- **catching-up**',
      '- freezing 1 s',
    ]);
  });

  test('of one that waits ends with what to type', () => {
    const lines = page(
      progress({
        phase: 'awaiting-approval',
        phases: ['awaiting-approval'],
        title: 'T',
        since: 'S',
        paused: true,
        attention: 'look here',
      }),
    ).split('\n');
    expect(lines).toEqual([
      '**T**',
      '',
      'Phase **awaiting-approval**, **paused**, since S',
      '',
      '**Attention:** look here',
      '',
      'Paused: waiting for resume.',
      '',
      '```',
      `temporal workflow update execute -w ${progress().workflowId} --name resume --input '{"by":"you"}'`,
      '```',
      '',
      'The phases:',
      '',
      '- **awaiting-approval**',
      '',
      `Workflow ${progress().workflowId}`,
    ]);
  });
});

/** The facts that a page lists. */
function factsOf(fields: Parameters<typeof progress>[0]): string[] {
  const text = page(progress({ phase: 'copying', phases: [], ...fields }));
  return text.split('\n').filter((line) => /^ *- /.test(line));
}

describe('the facts of a page', () => {
  test('are none where nothing is known', () => {
    expect(factsOf({})).toEqual([]);
  });

  test('tell of the way back, of what is refused, rehearsed, lacking, and of what to approve', () => {
    expect(
      factsOf({
        differingBack: 1_200,
        refused: [refused],
        rehearsals: [{ at: '', by: 'ann', note: '', outageSeconds: 0.7, failure: null }],
        lacking: ['a backup runs'],
        evidence: 'e1',
      }),
    ).toEqual([
      '- On the way back: 1,200 documents differ on the old database',
      '- Refused by RavenDB: counter "orders/1": too small',
      '- Rehearsed: an outage of 700 ms is to be expected',
      '- Not ready: a backup runs',
      '- Evidence: `e1`',
    ]);
  });

  test('list twenty differences and twenty refused items, and say how many more there are', () => {
    const many = Array.from({ length: 25 }, (_, n) => n);
    const differences = many.map((n) => ({
      kind: 'document' as const,
      id: `orders/${n}`,
      what: 'differs',
      ...(n === 0 && { shard: 2 }),
    }));
    const lines = factsOf({ verification: verification({ mismatches: 25, differences }) });
    expect(lines.slice(1, 3)).toEqual([
      '  - document `orders/0` (shard 2): differs',
      '  - document `orders/1`: differs',
    ]);
    expect(lines.at(-1)).toBe('  - and 5 more');
    expect(lines).toHaveLength(22);
    const all = factsOf({
      verification: verification({ mismatches: 20, differences: differences.slice(0, 20) }),
    });
    expect(all.at(-1)).toBe('  - document `orders/19`: differs');
    expect(factsOf({ refused: many.map((n) => ({ ...refused, id: `orders/${n}` })) })).toHaveLength(20);
  });
});

describe('in words', () => {
  test('how far the work is', () => {
    expect(describeTransferred({ items: 5 })).toBe('5 items');
    expect(describeTransferred({ items: 0, totalItems: 0 })).toBe('0 items');
    expect(describeTransferred({ items: 5, totalItems: 10, bytes: 500, aboutTotalBytes: 500 })).toBe(
      '5 of 10 items (50%), 500 B',
    );
    expect(describeTransferred({ items: 5, totalItems: 10, bytes: 500, aboutTotalBytes: 1_000 })).toBe(
      '5 of 10 items (50%), 500 B of about 1.00 kB',
    );
    expect(describeTransferred({ items: 5, bytes: 500, attempt: 1 })).toBe('5 items, 500 B');
    expect(
      describeTransferred({ doing: 'repairing', items: 5, itemsPerSecond: 7, etaSeconds: 9, attempt: 2 }),
    ).toBe('repairing: 5 items, 7 items/s, about 9 s left, try 2');
  });

  test('who approved, when, and with which differences', () => {
    expect(describeApproval({ by: 'ann', note: '' })).toBe('by ann');
    expect(describeApproval({ by: 'ann', note: 'fine', acceptDifferences: 'd1' }, 'noon')).toBe(
      'by ann at noon, with the differences d1: fine',
    );
  });

  test('the limit, where it slows anything', () => {
    expect(describeLimit(progress({ phase: 'copying', maxItemsPerSecond: 1_500 }))).toBe('1,500 items/s');
    expect(describeLimit(progress({ phase: 'copying', maxItemsPerSecond: null }))).toBeUndefined();
    expect(describeLimit(progress({ phase: 'planning', maxItemsPerSecond: 5 }))).toBeUndefined();
  });
});
