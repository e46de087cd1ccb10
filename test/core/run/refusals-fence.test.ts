import { describe, expect, test } from 'vitest';
import { requests } from '../../../src/core/contract/contract.ts';
import { phasesWithWayBack } from '../../../src/core/contract/phases.ts';
import type { RefusedItem } from '../../../src/core/copy/refused.ts';
import type { RunProgress } from '../../../src/core/run/progress.ts';
import { notTaken, refusalOf } from '../../../src/core/run/refusals.ts';
import { ofTen, progress } from '../../cli/fixtures.ts';

const EQUAL = ofTen();
const DIFFERENT = { ...EQUAL, mismatches: 2, digest: 'd1' };
const { digest: _, ...UNLISTED } = DIFFERENT;

function waiting(more: Partial<RunProgress> = {}): RunProgress {
  return progress({ phase: 'awaiting-approval', verification: EQUAL, freeze: 'fence', ...more });
}

describe('an approval', () => {
  const refusal = (more: Partial<RunProgress>, payload: object = {}) =>
    refusalOf(requests.approve, waiting(more), { by: 'ann', ...payload });

  test('is given once', () => {
    expect(refusal({ approval: { by: 'bob', note: '', at: '' } })).toBe(
      'The cutover is approved already, by bob; rejectCutover ends the migration instead.',
    );
  });

  test('is given by who may', () => {
    const approvalRules = { approvers: ['bob'], people: 1, expiresAfter: null, window: null };
    expect(refusal({ approvalRules })).toContain('"ann" may not approve this cutover');
    expect(refusalOf(requests.approve, waiting({ approvalRules }))).toContain('"" may not approve');
    expect(refusal({ approvalRules }, { by: 'bob' })).toBeUndefined();
  });

  test('is of what was seen', () => {
    expect(refusal({ evidence: 'e1' }, { evidence: 'e1' })).toBeUndefined();
    expect(refusal({ evidence: 'e1' })).toBeUndefined();
    expect(refusal({ evidence: 'e2' }, { evidence: 'e1' })).toBe(
      'What there is to see has changed: its digest is "e2", and evidence is "e1". Look at it again.',
    );
  });

  test('accepts differences by their digest alone', () => {
    expect(refusal({ verification: DIFFERENT }, { acceptDifferences: 'd1' })).toBeUndefined();
    expect(refusal({ verification: DIFFERENT }, { acceptDifferences: 'd0' })).toMatch(
      /^Verification failed: .*acceptDifferences is "d0", but the digest of these differences is "d1": look at them first\.$/,
    );
    expect(refusal({ verification: UNLISTED }, { acceptDifferences: 'd1' })).toContain(
      'Differences can be accepted only when all of them are listed. Send repair to copy what differs again',
    );
    expect(refusal({ verification: DIFFERENT })).toContain('"acceptDifferences": "d1"');
  });
});

describe('a rehearsal', () => {
  const refusal = (more: Partial<RunProgress>) => refusalOf(requests.rehearse, waiting(more));

  test('is of a cutover behind a fence that would succeed as far as is known', () => {
    expect(refusal({})).toBeUndefined();
    expect(refusal({ freeze: 'quiet' })).toContain('Only a cutover behind a fence can be rehearsed');
    expect(refusal({ verification: null })).toBe('Nothing has been verified yet.');
    expect(refusal({ verification: DIFFERENT })).toMatch(/^Verification failed: .*Repair that first/);
    expect(refusal({ paused: true })).toBe('The migration is paused; send resume first.');
  });

  test('waits for its phase', () => {
    expect(refusal({ phase: 'copying' })).toBe(
      'The cutover cannot be rehearsed while copying: wait for the phase awaiting-approval.',
    );
  });
});

describe('what comes after a cutover', () => {
  const phases = phasesWithWayBack('migrateDatabase', false);

  test('waits for its phase, where there is a way back', () => {
    expect(refusalOf(requests.complete, waiting({ phases }))).toBe(
      'There is no cutover to complete while awaiting-approval: wait for the phase observing.',
    );
    expect(refusalOf(requests.rollBack, waiting({ phases }))).toBe(
      'There is no cutover to roll back while awaiting-approval: wait for the phase observing.',
    );
    expect(refusalOf(requests.rollBack, waiting({ phases, phase: 'observing' }))).toBeUndefined();
  });

  test('is refused for good where there is none', () => {
    for (const request of [requests.complete, requests.rollBack])
      expect(refusalOf(request, waiting())).toBe(
        'This migration has no way back: it takes "freeze": "fence", a source that stays closed, and observeFor.',
      );
  });

  test('is all that can be done while the target serves', () => {
    expect(refusalOf(requests.abort, waiting({ phase: 'observing' }))).toBe(
      'The target serves (observing); use complete to end the migration, or rollBack.',
    );
    expect(refusalOf(requests.abort, waiting({ phase: 'rolling-back' }))).toBe(
      'The cutover is being rolled back (rolling-back); wait for its end.',
    );
  });
});

describe('items that RavenDB refuses', () => {
  const item: RefusedItem = { kind: 'counter', id: 'orders/1', reason: 'too small' };
  const skipped = { by: 'ann', note: '', at: '' };
  const refusal = (refused?: RefusedItem[]) =>
    refusalOf(requests.skip, waiting(refused === undefined ? {} : { refused }));

  test('are skipped where there are any that wait for that', () => {
    expect(refusal([{ ...item, skipped }, item])).toBeUndefined();
    expect(refusal([{ ...item, skipped }])).toBe('All items that RavenDB refuses are skipped already.');
    expect(refusal([])).toBe('RavenDB has refused no item; there is nothing to skip.');
    expect(refusal()).toBe('RavenDB has refused no item; there is nothing to skip.');
  });
});

test('a type names the requests that it takes', () => {
  expect(notTaken('approveCutover', 'exportDatabase')).toBe(
    'exportDatabase does not take approveCutover; it takes pause, resume, abort.',
  );
});

test('a comparison that was not asked to wait repairs nothing', () => {
  const comparison = { workflowType: 'verifyDatabases', phase: 'reading', verification: EQUAL } as const;
  const waits = progress({ ...comparison, phases: ['reading', 'awaiting-repair'] });
  expect(refusalOf(requests.repair, waits)).toBe(
    'Nothing can be repaired while reading: wait for the phase awaiting-repair.',
  );
  expect(refusalOf(requests.repair, progress({ ...comparison, phases: ['reading'] }))).toBe(
    'This comparison repairs nothing: start one with "repair": "ask".',
  );
});
