import { describe, expect, test } from 'vitest';
import { workflowTypes } from '../../src/core/contract/contract.ts';
import type { RunReport } from '../../src/core/run/report.ts';
import { reportPage } from '../../src/report/page.ts';

const empty: RunReport = {
  workflowId: 'migrate-Shop',
  runId: 'run-1',
  workflowType: 'migrateDatabase',
  title: 'Migration of prod/Shop to prod/ShopSharded',
  phase: 'completed',
  startedAt: '2026-11-30T10:00:00.000Z',
  endedAt: '2026-11-30T10:02:05.000Z',
  input: { source: { connection: 'prod', database: 'Shop' }, downtimeBudget: '30s' },
  timings: [],
  checks: [],
  findings: [],
  notCarried: [],
  notes: [],
  attention: null,
  failure: null,
  documents: null,
  counts: {},
  shards: {},
  mismatches: null,
  differences: [],
  verifications: [],
  repairs: [],
};

const at = '2026-11-30T10:01:00.000Z';

const full: RunReport = {
  ...empty,
  timings: [
    { phase: 'copying', startedAt: at, seconds: 40 },
    { phase: 'awaiting-approval', startedAt: at, seconds: 90_000 },
    { phase: 'freezing', startedAt: at, seconds: 10 },
  ],
  checks: [
    { name: 'space', status: 'warning', message: 'little is left' },
    { name: 'source server', status: 'ok', message: 'RavenDB 7.1.5' },
  ],
  findings: ['something was found'],
  notCarried: ['index "A": refused', 'Subscriptions: told among the settings'],
  notes: [{ at, phase: 'copying', text: 'Paused by ann' }],
  documents: { source: 1_000, target: 999 },
  counts: { attachments: { source: 5, target: 5 }, 'documents in Orders': { source: 600, target: 599 } },
  shards: { 0: 600, 1: 300, 2: 99 },
  mismatches: 3,
  differences: [{ kind: 'document', id: 'orders/1', what: 'differs in "Price"', shard: 1 }],
  refused: [{ kind: 'counter', id: 'orders/2', reason: 'too small' }],
  verifications: [
    { at, depth: 'full', mismatches: 3, lagging: 2, documents: { source: 1_000, target: 999 } },
  ],
  settings: [
    { setting: 'Revisions', outcome: 'carried', advice: '' },
    { setting: 'Subscriptions', outcome: 'left out', advice: 'set where each starts' },
  ],
  leftToDo: [{ about: 'PeriodicBackups', text: 'define a backup' }],
  rehearsals: [{ at, by: 'ann', note: '', outageSeconds: 0.7, failure: null }],
  approval: { at, by: 'ann', note: 'application stopped' },
  completion: { at, by: 'bob', note: 'all is well' },
  downtimeSeconds: 0.675,
};

/** What a reader sees of a page, without markup and white space. */
function seen(report: RunReport): string {
  return reportPage(report)
    .replace(/<style>.*<\/style>/s, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&#34;', '"')
    .replaceAll(/\s+/g, ' ');
}

describe('the page of a report', () => {
  test('says first how it ended, and what came of it', () => {
    const text = seen(full);
    expect(text).toMatch(/Migration of prod\/Shop to prod\/ShopSharded Completed .* Took 2 min 5 s/);
    expect(text).toContain('Documents 1,000 on the source, 999 on the target Differences 3');
    expect(text).toContain('Write outage 675 ms, of a budget of 30s');
    expect(text).toContain('Rehearsed an outage of 700 ms is to be expected');
  });

  test('has what a person has to do, and who decided', () => {
    const text = seen(full);
    expect(text).toContain('PeriodicBackups define a backup');
    expect(text).toContain('approval of the cutover ann application stopped');
    expect(text).toContain('end of the way back bob all is well');
    expect(text).toContain('2026-11-30 10:01:00 UTC rehearsal ann an outage of 700 ms');
  });

  test('has both sides by kind and by collection, and each difference', () => {
    const text = seen(full);
    expect(text).toContain('documents 1,000 999 −1');
    expect(text).toContain('attachments 5 5 0');
    expect(text).toContain('Orders 600 599 −1');
    expect(text).toContain('The first differences; 2 more are not listed');
    expect(text).toContain('document orders/1 differs in "Price" 1');
    expect(text).toContain('counter "orders/2"');
  });

  test('tells settings once, those first with which there is something to do', () => {
    const text = seen(full);
    expect(text).toMatch(/Subscriptions left out set where each starts Revisions carried/);
    expect(text).toContain('index "A": refused');
    expect(text).not.toContain('told among the settings');
  });

  test('draws work beside the longest work, and waiting as waiting', () => {
    const page = reportPage(full);
    expect(page).toContain('class="bar work" style="width:100.0%"');
    expect(page).toContain('class="bar wait" style="width:100.0%"');
    expect(page).toContain('class="bar outage" style="width:25.0%"');
  });

  test('escapes what comes from a database', () => {
    const id = '<script>alert("x")</script>';
    const page = reportPage({
      ...full,
      title: id,
      failure: id,
      differences: [{ kind: 'document', id, what: id }],
    });
    expect(page).not.toContain('<script');
    expect(page).not.toContain('alert("x")');
  });

  test('needs nothing from elsewhere', () => {
    expect(reportPage(full)).not.toMatch(/(src|href)=|url\(|@import/);
  });

  test.each(Object.keys(workflowTypes) as (keyof typeof workflowTypes)[])(
    'leaves out what a run of the type %s does not have',
    (workflowType) => {
      const page = reportPage({ ...empty, workflowType });
      expect(page).not.toMatch(/undefined|null|NaN|<dl><\/dl>|<tbody>\s*<\/tbody>/);
      expect(page).toContain('What it was told');
      expect(page).not.toContain('Timeline');
    },
  );

  test.each([
    ['failed', 'Failed', 'bad'],
    ['aborted', 'Aborted', 'open'],
    ['copying', 'In the phase copying', 'open'],
  ] as const)('a run in %s is told as "%s"', (phase, word, kind) => {
    expect(reportPage({ ...empty, phase })).toContain(`<span class="outcome ${kind}">${word}</span>`);
  });

  test('a comparison tells whether there are differences', () => {
    const compared = { ...empty, workflowType: 'verifyDatabases' } as const;
    expect(reportPage({ ...compared, mismatches: 2 })).toContain('The databases differ');
    expect(reportPage({ ...compared, mismatches: 0 })).toContain('No difference');
  });
});
