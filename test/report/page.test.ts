import { describe, expect, test } from 'vitest';
import { workflowTypes } from '../../src/core/contract/contract.ts';
import type { RunReport } from '../../src/core/run/report.ts';
import { reportPage } from '../../src/report/page.ts';
import { empty, full, samples } from './samples.ts';

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
    expect(text).toMatch(/Migration of prod\/Shop to prod\/ShopSharded Completed .* Took 15 h 1 min/);
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
    const page = reportPage({
      ...full,
      timings: [
        { phase: 'copying', startedAt: full.startedAt, seconds: 40 },
        { phase: 'awaiting-approval', startedAt: full.startedAt, seconds: 90_000 },
        { phase: 'freezing', startedAt: full.startedAt, seconds: 10 },
      ],
    });
    expect(page).toContain('class="bar work" style="width:100.0%"');
    expect(page).toContain('class="bar wait" style="width:100.0%"');
    expect(page).toContain('class="bar outage" style="width:25.0%"');
  });

  test('has the write outage beside its budget and the rehearsals', () => {
    const text = seen(full);
    expect(text).toContain('Rehearsal 2026-11-30 10:01:00 UTC 700 ms Cutover 2026-12-01 01:00:00 UTC 675 ms');
    expect(text).toContain('Budget 30 s');
    const usual = { input: { downtimeBudget: null, freeze: 'auto' } };
    expect(seen({ ...full, ...usual, freeze: 'fence' })).toContain('675 ms, of a budget of 30s');
    expect(seen({ ...full, ...usual, freeze: 'quiet' })).toContain('675 ms, of a budget of 10m');
    expect(seen(empty)).not.toContain('Write outage');
  });

  test('has documents and bytes of each shard beside what was expected', () => {
    const text = seen(full);
    expect(text).toContain('0 600 (60%) 58% 6.10 MB (61%) 60% 1 300 (30%) 31% 2.95 MB (29%) 30%');
    expect(text).toContain('The forecast is from 1,000 documents that were looked at before the copy');
    const { shares: _, shardBytes: __, ...counted } = full;
    expect(seen(counted)).toContain('Shard Documents Beside the largest 0 600 (60%) 1 300 (30%)');
    expect(seen(counted)).not.toContain('Forecast');
  });

  test('draws throughput and lag over time, and says them in words and as tables', () => {
    const text = seen(full);
    expect(text).toContain('copying: 9,025 on average, 9,594 at most. verifying: 31,000 on average');
    expect(text).toContain(
      '48,211 at most, after 40 min 0 s in the phase catching-up; 7 when they were counted last.',
    );
    expect(text).toContain('Time of waiting is drawn shorter than it was.');
    expect(text).toContain('catching-up 42 min 0 s 2,950');
    expect(reportPage(full).match(/<svg class="chart"/g)).toHaveLength(2);
  });

  test('has the plan of a migration, whether it is possible, and how long it takes', () => {
    const planned = samples.find(({ workflowType }) => workflowType === 'planMigration') ?? empty;
    const text = seen(planned);
    expect(text).toContain('A migration is possible');
    expect(text).toContain('The copy takes 1 min 0 s to 5 min 0 s');
    expect(text).toContain(
      'freezing Waits until nothing writes. is closed is kept in step stops the application yes',
    );
    expect(text).toContain('Clients are not pointed to the target.');
    const blocked = planned.plan && { ...planned.plan, possible: false };
    expect(seen({ ...planned, ...(blocked && { plan: blocked }) })).toContain(
      'A migration is not possible yet',
    );
  });

  test('has the runs of a schedule', () => {
    const compared = samples.find(({ workflowType }) => workflowType === 'verifyDatabases') ?? empty;
    expect(seen(compared)).toContain(
      'The last runs 2026-11-30T10:00:00.000Z: 1,000 documents, no difference',
    );
  });

  test('says in words that nothing lagged', () => {
    const lag = full.series?.lag.map((point) => ({ ...point, lag: 0 })) ?? [];
    expect(seen({ ...full, series: { work: [], lag } })).toContain('the target lacked: none, whenever');
    expect(reportPage({ ...full, series: { work: [], lag } })).not.toContain('<svg');
  });

  test('draws nothing of what was told once', () => {
    const [work, lag] = [full.series?.work.slice(0, 1) ?? [], full.series?.lag.slice(0, 1) ?? []];
    expect(reportPage({ ...full, series: { work, lag } })).not.toContain('<svg');
  });

  test('stays small, however much there is to tell', () => {
    expect(reportPage(full).length).toBeLessThan(50_000);
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
