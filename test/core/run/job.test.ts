import { describe, expect, test } from 'vitest';
import { importPhases, planPhases, verifyPhases } from '../../../src/core/contract/phases.ts';
import { type JobProgress, jobDetails, refusalByJob } from '../../../src/core/run/job.ts';
import { verification } from '../../cli/fixtures.ts';

const RUNNING: JobProgress = {
  workflowId: "import's",
  phase: 'importing',
  since: '2026-11-24T10:00:00.000Z',
  paused: false,
  transferred: { doing: 'importing file 2 of 3', items: 50, totalItems: 200 },
  maxItemsPerSecond: null,
  waitingFor: null,
  attention: null,
  lastRefusal: null,
  title: 'Import of backups /backups into prod/Shop',
  steps: importPhases,
  findings: ['3 files to import'],
};

describe('a job', () => {
  test('shows its steps, how far it is and what was found', () => {
    const page = jobDetails(RUNNING);
    expect(page).toContain('**Import of backups /backups into prod/Shop**');
    expect(page).toContain('- ~~preparing~~\n- **importing**\n- verifying');
    expect(page).toContain('importing file 2 of 3: 50 of 200 items (25%)');
    expect(page).toContain('- 3 files to import');
    expect(page).not.toContain('temporal workflow update');
  });

  test('that is paused shows the command that resumes it', () => {
    const page = jobDetails({ ...RUNNING, paused: true, waitingFor: 'Paused: waiting for resume.' });
    expect(page).toContain(`-w 'import'\\''s' --name resume`);
    expect(page).toContain('**paused**');
  });

  test.each<[string, Partial<JobProgress>, RegExp | undefined]>([
    ['pause', {}, undefined],
    ['pause', { paused: true }, /paused already/],
    ['pause', { phase: 'completing' }, /nothing left to pause/],
    ['resume', {}, /not paused/],
    ['resume', { paused: true }, undefined],
    ['throttle', {}, undefined],
    ['throttle', { phase: 'verifying' }, /nothing to throttle/],
    ['throttle', { phase: 'forecasting', steps: planPhases }, /Only an import/],
    ['abort', {}, undefined],
    ['abort', { phase: 'completing' }, /nothing left to abort/],
    ['abort', { phase: 'failed' }, /has ended/],
  ])('answers %s while %j', (request, change, refusal) => {
    const answer = refusalByJob(request, { ...RUNNING, ...change });
    if (refusal) expect(answer).toMatch(refusal);
    else expect(answer).toBeUndefined();
  });
});

describe('a comparison', () => {
  const COMPARING: JobProgress = {
    ...RUNNING,
    workflowId: 'verify-shop',
    phase: 'reading',
    title: 'Comparison of prod/Shop and prod/ShopSharded (full)',
    steps: verifyPhases,
    findings: [],
  };
  const found = verification({
    mismatches: 2,
    differences: [{ kind: 'counter', id: 'users/3', what: 'counter "likes" is missing', shard: 2 }],
  });
  const waiting: JobProgress = { ...COMPARING, phase: 'awaiting-repair', verification: found };

  test('shows what differs, the command that repairs it, and how the runs before went', () => {
    const { at, documents } = found;
    const trend = [
      { at: '2026-01-01T00:00:00Z', mismatches: 0, documents, lagging: 0 },
      { at, mismatches: 2, documents, lagging: 0 },
    ];
    const page = jobDetails({ ...waiting, trend });
    expect(page).toContain('- Comparison: 2 differences, the first: document "users/3"');
    expect(page).toContain('  - document `users/3` (shard 2): counter "likes" is missing\n  - and 1 more');
    expect(page).toContain('--name repair --input \'{"by":"you","note":"why"}\'');
    expect(page).toContain(`- ${at}: 1,059 documents, 2 differ\n- 2026-01-01T00:00:00Z: 1,059 documents, no`);
    const sample = { documents: 5, statement: 'These are all.' };
    const sampled = jobDetails({
      ...COMPARING,
      verification: verification({ depth: 'sample', sample }),
      trend: trend.slice(1),
    });
    expect(sampled).toContain(
      '- Comparison: 5 documents compared by content, no difference\n- Sample: These',
    );
    expect(sampled).not.toContain('The last runs');
  });

  test('is throttled while it reads, and repaired while it waits for that', () => {
    expect(refusalByJob('throttle', COMPARING)).toBeUndefined();
    expect(refusalByJob('throttle', { ...COMPARING, phase: 'comparing' })).toContain('nothing to throttle');
    const steps = ['planning', 'comparing', 'completing'] as const;
    expect(refusalByJob('throttle', { ...COMPARING, phase: 'planning', steps })).toContain(
      'nothing to throttle',
    );
    expect(refusalByJob('repair', waiting)).toBeUndefined();
    expect(refusalByJob('repair', { ...waiting, paused: true })).toBe(
      'The run is paused; send resume first.',
    );
    expect(refusalByJob('repair', COMPARING)).toContain('wait for the phase awaiting-repair');
    expect(refusalByJob('repair', { ...COMPARING, steps })).toContain('"repair": "ask"');
    expect(refusalByJob('abort', waiting)).toBeUndefined();
  });
});
