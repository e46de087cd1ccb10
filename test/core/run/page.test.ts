import { describe, expect, test } from 'vitest';
import type { Verification } from '../../../src/core/compare/verification.ts';
import { finalPhases, type Phase, workingPhases } from '../../../src/core/contract/phases.ts';
import { currentDetails, describeTransferred } from '../../../src/core/run/page.ts';
import type { Progress } from '../../../src/core/run/progress.ts';

const VERIFIED: Verification = {
  at: '2026-01-01T00:00:00.000Z',
  depth: 'full',
  mismatches: 0,
  differences: [],
  lagging: 0,
  laggards: [],
  documents: { source: 200, target: 200 },
  counts: {},
  itemsCompared: true,
  shards: {},
};

function at(phase: Phase, more: Partial<Progress> = {}): Progress {
  return {
    workflowId: 'shop-migration',
    phase,
    since: '2026-01-01T00:00:00.000Z',
    paused: false,
    source: { connection: 'prod', database: 'shop' },
    target: { connection: 'cluster', database: 'shop-sharded' },
    method: 'stream',
    transferred: null,
    maxItemsPerSecond: null,
    position: null,
    lag: null,
    verification: null,
    approval: null,
    waitingFor: null,
    attention: null,
    lastRefusal: null,
    ...more,
  };
}

const EVERYTHING: Partial<Progress> = {
  transferred: { items: 1_500, totalItems: 3_000, bytes: 2_000_000, attempt: 2 },
  lag: { etags: 1_234, since: '2026-01-01T01:00:00.000Z' },
  verification: VERIFIED,
  approval: { by: 'Ann', note: '', at: '2026-01-01T02:00:00.000Z' },
  waitingFor: 'A person must approve the cutover.',
  attention: 'The freeze was undone: somebody wrote.',
  lastRefusal: { request: 'pause', reason: 'The source is frozen.', at: '2026-01-01T03:00:00.000Z' },
};

const ALL_PHASES = [...workingPhases, ...finalPhases];
const EACH_STATE = ALL_PHASES.flatMap((phase) => [
  at(phase),
  at(phase, { paused: true }),
  at(phase, EVERYTHING),
  at(phase, { ...EVERYTHING, paused: true }),
]);

function commands(page: string): string[] {
  return [...page.matchAll(/^```\n(.*)\n```$/gm)].map(([, command]) => command ?? '');
}

describe('the page of a running migration', () => {
  test('says what moves where, how, and since when it is in its phase', () => {
    const page = currentDetails(at('copying'));
    expect(page).toContain('**prod/shop** to **cluster/shop-sharded** (stream)');
    expect(page).toContain('Phase **copying**, since 2026-01-01T00:00:00.000Z');
  });

  test.each(ALL_PHASES)('names the phase %s', (phase) => {
    expect(currentDetails(at(phase))).toContain(`Phase **${phase}**,`);
  });

  test('strikes out what is behind and stresses where it is', () => {
    const page = currentDetails(at('copying')).split('\n');
    expect(page).toContain('- ~~planning~~');
    expect(page).toContain('- ~~preparing~~');
    expect(page).toContain('- **copying**');
    expect(page).toContain('- catching-up');
    expect(page).toContain('- completing');
  });

  test.each(finalPhases)('shows no runbook and no command when %s', (phase) => {
    const page = currentDetails(at(phase, { paused: true }));
    expect(page).not.toContain('planning');
    expect(commands(page)).toEqual([]);
  });

  test('shows progress, lag, verification, approval, refusal and what needs attention', () => {
    const page = currentDetails(at('awaiting-approval', EVERYTHING));
    expect(page).toContain('- Progress: 1,500 of 3,000 items (50%), 2.00 MB');
    expect(page).toContain('- Lag: 1,234 changes, since 2026-01-01T01:00:00.000Z');
    expect(page).toContain('- Verification: 200 documents compared by content, no difference');
    expect(page).toContain('- Approved by Ann at 2026-01-01T02:00:00.000Z');
    expect(page).toContain('- Refused pause at 2026-01-01T03:00:00.000Z: The source is frozen.');
    expect(page).toContain('**Attention:** The freeze was undone: somebody wrote.');
    expect(page).toContain('A person must approve the cutover.');
  });

  test('shows what a copy does, the estimate of its bytes, and its limit', () => {
    const transferred = {
      doing: 'importing the dump',
      items: 1,
      totalItems: 4,
      bytes: 500,
      aboutTotalBytes: 2_000,
    };
    const page = currentDetails(at('copying', { transferred, maxItemsPerSecond: 500 })).split('\n');
    expect(page).toContain('- Progress: importing the dump: 1 of 4 items (25%), 500 B of about 2.00 kB');
    expect(page).toContain('- Limit: 500 items/s');
  });

  test('shows how a replication is', () => {
    const page = currentDetails(
      at('catching-up', {
        method: 'replication',
        replication: {
          state: 'sending',
          left: 12,
          behindSince: '2026-01-01T00:00:00.000Z',
          lastContact: null,
          error: null,
        },
      }),
    );
    expect(page).toContain('- Replication: sending, 12 items left, behind since 2026-01-01T00:00:00.000Z');
  });

  test('leaves out what is not known yet', () => {
    const page = currentDetails(at('planning'));
    for (const word of ['Progress:', 'Lag:', 'Verification:', 'Approved', 'Refused', 'Attention', 'null']) {
      expect(page).not.toContain(word);
    }
  });
});

describe('the command to type next', () => {
  test('approves, while an approval is awaited', () => {
    expect(commands(currentDetails(at('awaiting-approval')))).toEqual([
      `temporal workflow update execute -w shop-migration --name approveCutover --input '{"by":"you","note":"why"}'`,
    ]);
  });

  test.each(workingPhases)('resumes, when it is paused while %s', (phase) => {
    const page = currentDetails(at(phase, { paused: true }));
    expect(page).toContain(`Phase **${phase}**, **paused**,`);
    expect(commands(page)).toEqual([
      `temporal workflow update execute -w shop-migration --name resume --input '{"by":"you"}'`,
    ]);
  });

  test('is not there when nobody has to do anything', () => {
    for (const phase of workingPhases.filter((each) => each !== 'awaiting-approval')) {
      expect(commands(currentDetails(at(phase)))).toEqual([]);
    }
  });

  test.each(['shop $& co', 'a$$b', 'a"b', '<id>'])('names the workflow %s as it is', (workflowId) => {
    const page = currentDetails(at('awaiting-approval', { workflowId }));
    expect(page).toContain(`-w '${workflowId}' --name`);
  });

  test('needs no quotes for a plain workflow id', () => {
    expect(currentDetails(at('awaiting-approval', { workflowId: 'shop/1' }))).toContain('-w shop/1 --name');
  });

  test('is one word to a shell for a workflow id with a quote', () => {
    const page = currentDetails(at('awaiting-approval', { workflowId: "ann's shop" }));
    expect(page).toContain(`-w 'ann'\\''s shop' --name`);
  });
});

describe('in every state of a migration the page', () => {
  test('has no table', () => {
    for (const progress of EACH_STATE) expect(currentDetails(progress)).not.toMatch(/^\s*\||\|\s*-+/m);
  });

  test('ends on a line that may be cut off', () => {
    for (const progress of EACH_STATE) {
      const lines = currentDetails(progress).split('\n');
      expect(lines.at(-1)).toBe('Workflow shop-migration');
      expect(lines.at(-2)).toBe('');
    }
  });

  test('closes every block of code that it opens', () => {
    for (const progress of EACH_STATE) {
      expect((currentDetails(progress).match(/^```/gm) ?? []).length % 2).toBe(0);
    }
  });
});

describe('how far the work is, in one line', () => {
  test.each<[string, Parameters<typeof describeTransferred>[0], string]>([
    ['items alone', { items: 1_234 }, '1,234 items'],
    ['of a total', { items: 999, totalItems: 1_000 }, '999 of 1,000 items (99%)'],
    ['with bytes', { items: 1, bytes: 1_500 }, '1 items, 1.50 kB'],
    ['no bytes yet', { items: 0, bytes: 0 }, '0 items'],
    [
      'of about so many bytes',
      { items: 1, totalItems: 2, bytes: 1_500, aboutTotalBytes: 3_000 },
      '1 of 2 items (50%), 1.50 kB of about 3.00 kB',
    ],
    [
      'all of the bytes',
      { items: 2, totalItems: 2, bytes: 3_000, aboutTotalBytes: 3_000 },
      '2 of 2 items (100%), 3.00 kB',
    ],
    ['a part of the phase', { doing: 'writing the dump', items: 5 }, 'writing the dump: 5 items'],
    ['with a rate', { items: 5, itemsPerSecond: 2_000 }, '5 items, 2,000 items/s'],
    ['with an end', { items: 5, etaSeconds: 185 }, '5 items, about 3 min 5 s left'],
    ['at the end', { items: 5, etaSeconds: 0 }, '5 items, about 0 s left'],
    ['the first try', { items: 5, attempt: 1 }, '5 items'],
    ['a later try', { items: 5, attempt: 3 }, '5 items, try 3'],
  ])('%s', (_case, transferred, line) => {
    expect(describeTransferred(transferred)).toBe(line);
  });

  test('an empty database has no percentage', () => {
    expect(describeTransferred({ items: 0, totalItems: 0 })).not.toContain('undefined');
  });
});
