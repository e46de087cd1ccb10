import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { progressLines } from '../../../src/cli/view/progress-lines.ts';
import { NOTHING_TO_REPAIR } from '../../../src/core/compare/repair.ts';
import { phasesOf } from '../../../src/core/contract/phases.ts';
import { damaged, SINCE, setting, verification, watched } from '../fixtures.ts';

const transferred = {
  items: 450_000,
  totalItems: 1_000_000,
  bytes: 123_000_000,
  itemsPerSecond: 37_500,
  etaSeconds: 15,
};

describe('the picture of a migration', () => {
  test('shows the phases, how long they took, and how far the work is', () => {
    expect(progressLines(watched({ transferred }), setting()).join('\n')).toBe(`
migrate-Shop-to-ShopSharded
Migration from prod/Shop to prod/ShopSharded (stream)

  ✓ planning           0.2 s
  ✓ preparing          1.1 s
  ▸ copying            12 s       450,000 of 1,000,000 items (45%), 123 MB,
                                  37,500 items/s, about 15 s left
                                  ▰▰▰▰▰▰▰▰▰▰▰▰▰▰▰▰▰▰▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱
    catching-up
    verifying
    awaiting-approval
    freezing
    draining
    final-verifying
    completing`);
  });

  test('stays within its columns with wide characters, and gives the bar what is left', () => {
    const findings = ['インデックス "注文/合計" は 移行 されません 🚀 🚀 🚀 🚀'];
    for (const width of [60, 80, 200]) {
      const lines = progressLines(watched({ findings, transferred }), setting(width));
      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThan(width);
      expect(lines.find((line) => line.includes('▰'))?.trim()).toHaveLength(Math.min(40, width - 35));
    }
    const narrow = progressLines(watched({ transferred }), setting(30));
    expect(narrow.join('\n')).not.toContain('▰');
  });

  test('says which part of the copy it is, and about how many bytes there are', () => {
    const detailed = { ...transferred, doing: 'importing the dump', aboutTotalBytes: 273_000_000 };
    expect(progressLines(watched({ transferred: detailed }), setting()).join('\n')).toContain(
      '  ▸ copying            12 s       importing the dump: 450,000 of 1,000,000\n' +
        '                                  items (45%), 123 MB of about 273 MB, 37,500\n' +
        '                                  items/s, about 15 s left\n',
    );
  });

  test('shows the limit of the copy while it runs', () => {
    const limited = { maxItemsPerSecond: 1500 };
    expect(progressLines(watched(limited), setting()).join('\n')).toContain('  Limit         1,500 items/s');
    const later = watched({ ...limited, phase: 'awaiting-approval' });
    expect(progressLines(later, setting()).join('\n')).not.toContain('Limit');
  });

  test('shows how a replication is', () => {
    const replication = {
      state: 'cannot reach the target, retrying',
      left: null,
      behindSince: null,
      lastContact: null,
      error: 'Connection refused',
    };
    const lines = progressLines(watched({ method: 'replication', replication }), setting()).join('\n');
    expect(lines).toMatch(/ {2}Replication {3}cannot reach the target, retrying, RavenDB says: Connection/);
  });

  test('says what it waits for and what to type', () => {
    const lag = { etags: 1, since: '2026-05-04T10:00:10.000Z' };
    const state = watched({ phase: 'awaiting-approval', verification: verification(), lag });
    const text = progressLines(state, setting()).join('\n');
    expect(text).toContain('  Lag           1 change for 2 s');
    expect(text).toContain('  Verification  1,059 documents compared by content, no difference');
    expect(text).toContain(`
  Waiting for approval. Stop every writer of "Shop", then send approveCutover;
  or end the migration with rejectCutover.
  shardlift approve migrate-Shop-to-ShopSharded --by you`);
  });

  test('leaves that out where it approves by itself, and after an approval', () => {
    const waits = watched({ phase: 'awaiting-approval', verification: verification() });
    expect(progressLines(waits, { ...setting(), approves: true }).join('\n')).not.toContain('approve ');
    const approval = { by: 'ann', note: 'stopped', at: '' };
    const text = progressLines(watched({ phase: 'awaiting-approval', approval }), setting()).join('\n');
    expect(text).toContain('  Approved      by ann: stopped');
    expect(text).not.toContain('Waiting');
  });

  test('offers no approval of a target that differs', () => {
    const attention = 'Verification found 1 difference.';
    const state = watched({ phase: 'awaiting-approval', verification: damaged(), attention });
    const text = progressLines(state, setting()).join('\n');
    expect(text).toContain('  Verification  1 difference, the first: document "users/3": differs');
    expect(text).toContain('  Attention     Verification found 1 difference.');
    expect(text).toContain('The target differs: repair copies what differs again');
    expect(text).toContain('shardlift repair migrate-Shop-to-ShopSharded --by you');
    expect(text).not.toContain('shardlift approve');
  });

  test('says how to go on after a pause', () => {
    const text = progressLines(watched({ paused: true }), setting()).join('\n');
    expect(text).toContain('▸ copying            12 s       paused');
    expect(text).toContain('  shardlift resume migrate-Shop-to-ShopSharded');
  });

  test('adds up the rounds of a phase', () => {
    const since = '2026-05-04T10:00:02.000Z';
    const timings = [
      { phase: 'awaiting-approval', startedAt: since, seconds: 100 } as const,
      { phase: 'freezing', startedAt: since, seconds: 7 } as const,
      { phase: 'awaiting-approval', startedAt: since, seconds: 0 } as const,
    ];
    const text = progressLines(watched({ phase: 'awaiting-approval', since }, { timings }), setting());
    expect(text.join('\n')).toContain('▸ awaiting-approval  1 min 50 s\n    freezing\n');
  });

  test('marks where a migration failed', () => {
    const text = progressLines(watched({ phase: 'failed' }), setting()).join('\n');
    expect(text).toContain('✓ preparing          1.1 s\n  ✗ copying            0 s\n    catching-up');
  });

  test('says what failed and is tried again', () => {
    const trouble = { reason: 'Nothing listens at its address.', tries: 3, mostTries: 15 };
    const text = progressLines(watched({}, { trouble }), setting()).join('\n');
    expect(text).toContain('  Trouble       Nothing listens at its address. Tries so far: 3 of 15.');
  });

  test('says when nobody answers', () => {
    const silence = 'No worker polls task queue "shardlift".';
    expect(progressLines(watched({}, { silence }), setting()).at(-1)).toBe(`  ${silence}`);
    const text = progressLines(watched({}, { progress: undefined }), setting()).join('\n');
    expect(text).toContain('Waiting for a worker to take it.');
  });

  test('stays within the columns of the terminal', () => {
    const attention = 'The freeze was undone and the source serves as before: '.repeat(4);
    const state = watched({ transferred, attention, phase: 'awaiting-approval', verification: damaged() });
    const widest = Math.max(...progressLines(state, setting(80)).map((line) => line.length));
    expect(widest).toBeLessThan(80);
  });
});

test('the picture of a comparison shows its own steps, and how to repair', () => {
  const state = watched();
  state.workflowId = 'verify-Shop';
  state.progress = {
    workflowId: 'verify-Shop',
    phase: 'awaiting-repair',
    since: SINCE,
    paused: false,
    transferred: null,
    maxItemsPerSecond: null,
    waitingFor: 'Send repair.',
    attention: null,
    lastRefusal: null,
    title: 'Comparison of prod/Shop and prod/ShopSharded (full)',
    workflowType: 'verifyDatabases',
    phases: phasesOf.verifyDatabases,
    findings: [],
    verification: damaged(),
    dryRun: { at: SINCE, by: 'ann', note: '', found: { ...NOTHING_TO_REPAIR, changed: 1 } },
  };
  state.timings = (['planning', 'reading', 'comparing', 'awaiting-repair'] as const).map((phase) => ({
    phase,
    startedAt: SINCE,
    seconds: 0,
  }));
  expect(progressLines(state, setting(100)).join('\n')).toBe(`
verify-Shop
Comparison of prod/Shop and prod/ShopSharded (full)

  ✓ planning           0 s
  ✓ reading            0 s
  ✓ comparing          0 s
  ▸ awaiting-repair    12 s
    completing

  Verification  1 difference, the first: document "users/3": differs
  Dry run       documents: 1 changed

  Waiting for a decision: repair mends all that differs (with "dryRun" it only says how much),
  abort ends the comparison.
  shardlift repair verify-Shop --by you`);
});

test.each([
  ['importDump', 'importing', ['planning', 'preparing', 'importing', 'verifying', 'completing']],
  ['exportDatabase', 'exporting', ['planning', 'exporting', 'completing']],
  ['syncDatabase', 'copying', ['planning', 'preparing', 'copying', 'catching-up', 'verifying', 'completing']],
  ['planMigration', 'forecasting', ['planning', 'forecasting', 'sampling', 'completing']],
] as const)(
  'the picture of a run of %s shows its phases and what was found',
  (workflowType, phase, phases) => {
    const fields = { workflowType, phase, phases: phasesOf[workflowType], findings: ['3 files to import'] };
    const lines = progressLines(watched({ ...fields, transferred }, { timings: [] }), setting());
    const shown = lines
      .filter((line) => /^ {2}(✓| |▸) /.test(line))
      .map((line) => line.slice(4).split(' ')[0]);
    expect(shown).toEqual(expect.arrayContaining([...phases]));
    expect(lines).toContain('  Found         3 files to import');
    expect(lines.join('\n')).toContain('450,000 of 1,000,000 items (45%)');
  },
);
