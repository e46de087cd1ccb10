import { describe, expect, test } from 'vitest';
import { importPhases, type JobProgress, jobDetails, planPhases, refusalByJob } from '../../src/core/job.ts';

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
