import { describe, expect, test } from 'vitest';
import { type Ending, endingJson } from '../../../src/cli/run/ending.ts';
import { summaryLines } from '../../../src/cli/view/summary-lines.ts';
import { NOTHING_TO_REPAIR } from '../../../src/core/compare/repair.ts';
import type { MigrationResult } from '../../../src/core/run/results.ts';
import { plain, report } from '../fixtures.ts';

const workflowId = 'migrate-Shop-to-ShopSharded';
const result: MigrationResult = {
  phase: 'completed',
  workflowId,
  mismatches: 0,
  documents: { source: 1059, target: 1059 },
  shards: { '0': 354, '1': 370, '2': 335 },
  downtimeSeconds: 2.5,
  reportPath: `/work/reports/${workflowId}/report.json`,
};
const completed: Ending = {
  workflowId,
  outcome: 'completed',
  exitCode: 0,
  result,
  report: report(),
  failure: undefined,
  reportPath: result.reportPath,
};

function text(ending: Ending, width = 80): string {
  return summaryLines(ending, { width, palette: plain }).join('\n');
}

describe('the summary', () => {
  test('of a completed migration has both sides, shards, downtime, times and what was left out', () => {
    const approvedAt = new Date('2026-05-04T10:00:00.000Z').toLocaleString('sv-SE');
    expect(text(completed)).toBe(`
✓ Completed: migrate-Shop-to-ShopSharded

  Documents    1,059 on the source, 1,059 on the target, 0 mismatches
  Other items  5,475 revisions, 9 counters (8 on the target)
  Downtime     2,500 ms
  Approved     by ann at ${approvedAt}: application stopped
  Report       /work/reports/migrate-Shop-to-ShopSharded/report.json
  Next         Point the application at "ShopSharded". The source "Shop" was
               left as it is.

  Shard   Documents   Share
      0         354     33%
      1         370     35%
      2         335     32%

  Phase               Time
  copying             3 min 5 s
  awaiting-approval   10 s in 2 rounds

  Not carried over
  - Settings: set them on the target by hand`);
  });

  test('tells what became of the settings, and each of them once', () => {
    const settings = [
      { setting: 'Revisions', outcome: 'carried', advice: '' },
      { setting: 'SqlEtls', outcome: 'carried', advice: '"e": it arrived disabled' },
      { setting: 'Expiration', outcome: 'carried', advice: '' },
      { setting: 'QueueEtls', outcome: 'refused', advice: 'a sharded database does not support queue ETL' },
    ] as const;
    const notCarried = ['QueueEtls: a sharded database does not support queue ETL', 'index "Out": why'];
    const shown = text({ ...completed, report: report({ settings: [...settings], notCarried }) });
    expect(shown).toContain(`
  Settings
  - carried: Revisions, Expiration
  - carried: SqlEtls: "e": it arrived disabled
  - refused: QueueEtls: a sharded database does not support queue ETL

  Not carried over
  - index "Out": why`);
  });

  test('tells what is left to do on the target, and not once more with the settings', () => {
    const settings = [
      { setting: 'SqlEtls', outcome: 'carried', advice: '"e": it arrived disabled' },
      { setting: 'RavenEtls', outcome: 'refused', advice: '"r": refused' },
    ] as const;
    const leftToDo = ['SqlEtls', 'RavenEtls'].map((about) => ({ about, text: 'enable it' }));
    const shown = text({ ...completed, report: report({ settings: [...settings], leftToDo }) });
    expect(shown).toContain(`
  Left to do on the target
  - SqlEtls: enable it
  - RavenEtls: enable it

  Settings
  - refused: RavenEtls: "r": refused`);
    expect(shown).not.toContain('it arrived disabled');
  });

  test('does with what Temporal knows when no worker answers', () => {
    const shown = text({ ...completed, report: undefined });
    expect(shown).toContain('1,059 on the source, 1,059 on the target, 0 mismatches');
    expect(shown).toContain('There is no report: no worker answers');
    expect(shown).not.toContain('Phase');
  });

  test('of a failure gives the reason, and the differences that were found', () => {
    const failure = 'The cutover was rejected by bob: not today.';
    const differences = [{ kind: 'document', id: 'users/3', what: 'differs' } as const];
    const ending: Ending = {
      ...completed,
      outcome: 'rejected',
      exitCode: 3,
      result: undefined,
      report: report({ mismatches: 1, differences, downtimeSeconds: null, failure }),
      failure,
      reportPath: null,
    };
    const shown = text(ending);
    expect(shown).toContain(`✗ Rejected: ${workflowId}\n\n  ${failure}\n`);
    expect(shown).toContain('1 mismatch\n');
    expect(shown).toContain('  Differences\n  - document "users/3": differs');
    expect(shown).not.toMatch(/Downtime|Next|Report/);
    expect(endingJson(ending)).toMatchObject({ phase: 'rejected', mismatches: 1, failure, reportPath: null });
  });

  test('is one JSON object for scripts', () => {
    expect(endingJson(completed)).toEqual(result);
    expect(endingJson({ ...completed, result: undefined, report: undefined })).toMatchObject({
      phase: 'completed',
      documents: null,
      shards: {},
    });
  });
});

test('the summary of a comparison says first whether the databases are equal', () => {
  const documents = { source: 100, target: 99 };
  const found = { mismatches: 1, documents, shards: {} };
  const ended = {
    phase: 'completed' as const,
    workflowId: 'verify-Shop',
    reportPath: '/reports/verify-Shop/report.json',
  };
  const ending: Ending = {
    workflowId: 'verify-Shop',
    outcome: 'completed',
    exitCode: 6,
    result: { ...ended, ...found, equal: false },
    report: report({
      ...found,
      workflowType: 'verifyDatabases',
      approval: null,
      downtimeSeconds: null,
      timings: [{ phase: 'reading', startedAt: '2026-05-04T10:00:00.000Z', seconds: 3 }],
      differences: [{ kind: 'document', id: 'users/3', what: 'is missing on the target' }],
      notCarried: [],
      failure: null,
      counts: { 'documents in Users': documents, revisions: { source: 3, target: 3 } },
      lagging: 2,
      dryRuns: [{ at: '', by: 'ann', note: '', found: { ...NOTHING_TO_REPAIR, missing: 1 } }],
      trend: [
        { at: '2026-05-03T10:00:00.000Z', mismatches: 0, documents, lagging: 0 },
        { at: '2026-05-04T10:00:00.000Z', mismatches: 1, documents, lagging: 2 },
      ],
    }),
    failure: undefined,
    reportPath: ended.reportPath,
  };
  expect(text(ending)).toBe(`
✗ The databases differ: verify-Shop

  Documents    100 on the source, 99 on the target, 1 mismatch
  Lagging      2 changed meanwhile
  Dry run      by ann: documents: 1 missing
  Other items  3 revisions
  Report       /reports/verify-Shop/report.json

  Phase     Time
  reading   3 s

  Differences
  - document "users/3": is missing on the target

  The last runs
  - 2026-05-04T10:00:00.000Z: 100 documents, 1 differ, 2 lagging
  - 2026-05-03T10:00:00.000Z: 100 documents, no difference`);
  const equal = {
    ...ending,
    exitCode: 0,
    result: { ...ended, ...found, mismatches: 0, equal: true },
  } as const;
  expect(text(equal)).toContain('✓ No difference: verify-Shop');
  expect(endingJson(equal)).toMatchObject({ phase: 'completed', equal: true });
});

test('the summary of an import has what was found and imported, and no advice on an application', () => {
  const ended = { phase: 'completed' as const, workflowId: 'import-shop', reportPath: null };
  const shown = text({
    workflowId: 'import-shop',
    outcome: 'completed',
    exitCode: 0,
    result: { ...ended, files: ['a.ravendbdump'], shards: { '0': 3, '1': 1 } },
    report: report({
      workflowType: 'importDump',
      documents: null,
      counts: {},
      approval: null,
      downtimeSeconds: null,
      timings: [],
      notCarried: [],
      findings: ['1 file to import'],
      items: { Documents: 4, RevisionDocuments: 2 },
      attention: 'The report could not be written: disk full.',
    }),
    failure: undefined,
    reportPath: null,
  });
  expect(shown).toContain('✓ Completed: import-shop');
  expect(shown).toContain('  Items        4 documents, 2 revision documents');
  expect(shown).toContain('  Attention    The report could not be written: disk full.');
  expect(shown).toContain('  Found\n  - 1 file to import');
  expect(shown).toMatch(/ {4}1 +1 +25%/);
  expect(shown).not.toContain('Point the application');
});
