import { describe, expect, test } from 'vitest';
import { NOTHING_TO_REPAIR } from '../../../src/core/compare/repair.ts';
import type { Verification } from '../../../src/core/compare/verification.ts';
import { finalPhases, type Phase, phasesOf } from '../../../src/core/contract/phases.ts';
import { describeTransferred, page as pageOf } from '../../../src/core/run/page.ts';
import type { RunProgress } from '../../../src/core/run/progress.ts';
import { verification } from '../../cli/fixtures.ts';

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

const workingPhases = phasesOf.migrateDatabase;

function at(phase: Phase, more: Partial<RunProgress> = {}): RunProgress {
  return {
    workflowId: 'shop-migration',
    workflowType: 'migrateDatabase',
    title: 'Migration from prod/shop to cluster/shop-sharded (stream)',
    phases: workingPhases,
    findings: [],
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

const EVERYTHING: Partial<RunProgress> = {
  transferred: { items: 1_500, totalItems: 3_000, bytes: 2_000_000, attempt: 2 },
  lag: { etags: 1_234, since: '2026-01-01T01:00:00.000Z' },
  verification: VERIFIED,
  approval: { by: 'Ann', note: '', at: '2026-01-01T02:00:00.000Z' },
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
    const page = pageOf(at('copying'));
    expect(page).toContain('**Migration from prod/shop to cluster/shop-sharded (stream)**');
    expect(page).toContain('Phase **copying**, since 2026-01-01T00:00:00.000Z');
  });

  test.each(ALL_PHASES)('names the phase %s', (phase) => {
    expect(pageOf(at(phase))).toContain(`Phase **${phase}**,`);
  });

  test('strikes out what is behind and stresses where it is', () => {
    const page = pageOf(at('copying')).split('\n');
    expect(page).toContain('- ~~planning~~');
    expect(page).toContain('- ~~preparing~~');
    expect(page).toContain('- **copying**');
    expect(page).toContain('- catching-up');
    expect(page).toContain('- completing');
  });

  test.each(finalPhases)('shows no runbook and no command when %s', (phase) => {
    const page = pageOf(at(phase, { paused: true }));
    expect(page).not.toContain('planning');
    expect(commands(page)).toEqual([]);
  });

  test('shows progress, lag, verification, approval, refusal and what needs attention', () => {
    const page = pageOf(at('awaiting-approval', EVERYTHING));
    expect(page).toContain('- Progress: `██████████░░░░░░░░░░` 1,500 of 3,000 items (50%), 2.00 MB');
    expect(page).toContain('- Lag: 1,234 changes, since 2026-01-01T01:00:00.000Z');
    expect(page).toContain('- Verification: 200 documents compared by content, no difference');
    expect(page).toContain('- Approved by Ann at 2026-01-01T02:00:00.000Z');
    expect(page).toContain('- Refused pause at 2026-01-01T03:00:00.000Z: The source is frozen.');
    expect(page).toContain('**Attention:** The freeze was undone: somebody wrote.');
  });

  test('shows what a copy does, the estimate of its bytes, and its limit', () => {
    const transferred = {
      doing: 'importing the dump',
      items: 1,
      totalItems: 4,
      bytes: 500,
      aboutTotalBytes: 2_000,
    };
    const page = pageOf(at('copying', { transferred, maxItemsPerSecond: 500 })).split('\n');
    expect(page).toContain(
      '- Progress: `█████░░░░░░░░░░░░░░░` importing the dump: 1 of 4 items (25%), 500 B of about 2.00 kB',
    );
    expect(page).toContain('- Limit: 500 items/s');
  });

  test('shows how a replication is', () => {
    const page = pageOf(
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
    const page = pageOf(at('planning'));
    for (const word of ['Progress:', 'Lag:', 'Verification:', 'Approved', 'Refused', 'Attention', 'null']) {
      expect(page).not.toContain(word);
    }
  });
});

describe('the command to type next', () => {
  test('approves, while an approval is awaited', () => {
    expect(commands(pageOf(at('awaiting-approval')))).toEqual([
      `temporal workflow update execute -w shop-migration --name approveCutover --input '{"by":"you","note":"why"}'`,
    ]);
  });

  test('repairs, where the target differs', () => {
    const differs = { verification: { ...VERIFIED, mismatches: 1 } };
    const page = pageOf(at('awaiting-approval', differs));
    expect(page).toContain('The target differs: repair copies what differs again');
    expect(commands(page)[0]).toContain('--name repair');
    const replicated = pageOf(at('awaiting-approval', { ...differs, method: 'replication' }));
    expect(replicated).toContain('The target differs: correct it.');
    expect(commands(replicated)[0]).toContain('--name pause');
  });

  test.each(workingPhases)('resumes, when it is paused while %s', (phase) => {
    const page = pageOf(at(phase, { paused: true }));
    expect(page).toContain(`Phase **${phase}**, **paused**,`);
    expect(commands(page)).toEqual([
      `temporal workflow update execute -w shop-migration --name resume --input '{"by":"you"}'`,
    ]);
  });

  test('is not there when nobody has to do anything', () => {
    for (const phase of workingPhases.filter((each) => each !== 'awaiting-approval')) {
      expect(commands(pageOf(at(phase)))).toEqual([]);
    }
  });

  test.each(['shop $& co', 'a$$b', 'shop;1', 'a"b', '<id>'])(
    'names the workflow %s as it is',
    (workflowId) => {
      const page = pageOf(at('awaiting-approval', { workflowId }));
      expect(page).toContain(`-w '${workflowId}' --name`);
    },
  );

  test('needs no quotes for a plain workflow id', () => {
    expect(pageOf(at('awaiting-approval', { workflowId: 'shop/1' }))).toContain('-w shop/1 --name');
  });

  test('is one word to a shell for a workflow id with a quote', () => {
    const page = pageOf(at('awaiting-approval', { workflowId: "ann's shop" }));
    expect(page).toContain(`-w 'ann'\\''s shop' --name`);
  });
});

describe('the page of other workflow types', () => {
  const found = verification({
    mismatches: 2,
    differences: [{ kind: 'counter', id: 'users/3', what: 'counter "likes" is missing', shard: 2 }],
  });
  const comparing = at('awaiting-repair', {
    workflowType: 'verifyDatabases',
    phases: phasesOf.verifyDatabases,
    verification: found,
  });

  test('shows their phases, how far they are and what was found', () => {
    const page = pageOf(
      at('importing', {
        workflowType: 'importBackup',
        title: 'Import of backups /backups into prod/Shop',
        phases: phasesOf.importBackup,
        transferred: { doing: 'importing file 2 of 3', items: 50, totalItems: 200 },
        maxItemsPerSecond: 500,
        findings: ['3 files to import'],
      }),
    );
    expect(page).toContain('**Import of backups /backups into prod/Shop**');
    expect(page).toContain('- ~~preparing~~\n- **importing**\n- verifying');
    expect(page).toContain('importing file 2 of 3: 50 of 200 items (25%)');
    expect(page).toContain('- Limit: 500 items/s\n- 3 files to import');
    expect(commands(page)).toEqual([]);
  });

  test('shows what differs, the command that repairs it, and how the runs before went', () => {
    const { at: time, documents } = found;
    const trend = [
      { at: '2026-01-01T00:00:00Z', mismatches: 0, documents, lagging: 0 },
      { at: time, mismatches: 2, documents, lagging: 0 },
    ];
    const page = pageOf({ ...comparing, trend });
    expect(page).toContain('- Verification: 2 differences, the first: document "users/3"');
    expect(page).toContain('  - document `users/3` (shard 2): counter "likes" is missing\n  - and 1 more');
    expect(commands(page)).toEqual([
      `temporal workflow update execute -w shop-migration --name repair --input '{"by":"you","note":"why"}'`,
    ]);
    expect(page).toContain(
      `- ${time}: 1,059 documents, 2 differ\n- 2026-01-01T00:00:00Z: 1,059 documents, no`,
    );
    const found12 = { ...NOTHING_TO_REPAIR, missing: 12_000 };
    expect(pageOf({ ...comparing, dryRun: { at: time, by: 'ann', note: '', found: found12 } })).toContain(
      `- Dry run of a repair at ${time}: documents: 12,000 missing`,
    );
    const sample = { documents: 5, statement: 'These are all.' };
    const sampled = pageOf({
      ...comparing,
      verification: verification({ depth: 'sample', sample }),
      trend: trend.slice(1),
    });
    expect(sampled).toContain(
      '- Verification: 5 documents compared by content, no difference\n- Sample: These',
    );
    expect(sampled).not.toContain('The last runs');
  });
});

describe('in every state of a migration the page', () => {
  test('has no table', () => {
    for (const progress of EACH_STATE) expect(pageOf(progress)).not.toMatch(/^\s*\||\|\s*-+/m);
  });

  test('ends on a line that may be cut off', () => {
    for (const progress of EACH_STATE) {
      const lines = pageOf(progress).split('\n');
      expect(lines.at(-1)).toBe('Workflow shop-migration');
      expect(lines.at(-2)).toBe('');
    }
  });

  test('closes every block of code that it opens', () => {
    for (const progress of EACH_STATE) {
      expect((pageOf(progress).match(/^```/gm) ?? []).length % 2).toBe(0);
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
