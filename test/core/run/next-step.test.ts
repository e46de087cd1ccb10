import { describe, expect, test } from 'vitest';
import type { Verification } from '../../../src/core/compare/verification.ts';
import { requests } from '../../../src/core/contract/contract.ts';
import type { RefusedItem } from '../../../src/core/copy/refused.ts';
import {
  examplePayload,
  flowsBack,
  isDecision,
  nextStep,
  waysAround,
  waysToAccept,
} from '../../../src/core/run/next-step.ts';
import type { RunProgress } from '../../../src/core/run/progress.ts';
import { ofTen, progress } from '../../cli/fixtures.ts';

const refused: RefusedItem = { kind: 'counter', id: 'orders/1', reason: 'too small' };
const skipped = { by: 'ann', note: '', at: '2026-11-30T10:00:00Z' };
const source = { connection: 'prod', database: 'Shop' };
const target = { connection: 'prod', database: 'ShopSharded' };

function verification(mismatches: number, digest?: string): Verification {
  return ofTen({ mismatches, ...(digest !== undefined && { digest }) });
}

function waiting(more: Partial<RunProgress> = {}) {
  return nextStep(
    progress({ phase: 'awaiting-approval', verification: verification(0), source, target, ...more }),
  );
}

describe('what a run waits for', () => {
  test('is nothing while it works', () => {
    expect(nextStep(progress({ phase: 'copying' }))).toBeUndefined();
  });

  test('is its resumption where it is paused, whatever the phase', () => {
    expect(nextStep(progress({ phase: 'awaiting-approval', paused: true }))).toEqual({
      text: 'Paused: waiting for resume.',
      request: 'resume',
    });
  });

  test('is the approval: by who stops the writers, or behind a fence', () => {
    expect(waiting({ freeze: 'quiet' })).toEqual({
      text: 'Waiting for approval. Stop every writer of "Shop", then send approveCutover; or end the migration with rejectCutover.',
      request: 'approveCutover',
    });
    expect(waiting({ freeze: 'fence' })?.text).toBe(
      'Waiting for approval. RavenDB will refuse every request to "Shop" from then on, which rehearse tries out: send approveCutover; or end the migration with rejectCutover.',
    );
  });

  test('is the approval of several, of whom some have approved', () => {
    const approvalRules = { approvers: [], people: 2, expiresAfter: null, window: null };
    const step = waiting({ freeze: 'quiet', approvalRules, approvals: [{ by: 'ann', note: '', at: '' }] });
    expect(step?.text).toContain('as 2 different people (1 so far, by "ann")');
    expect(waiting({ freeze: 'quiet', approvalRules })?.text).toContain('as 2 different people;');
  });

  test('is the window of an approved cutover, if there is one', () => {
    const approval = { by: 'ann', note: '', at: '' };
    expect(waiting({ approval })).toBeUndefined();
    expect(waiting({ approval, cutoverAt: '2026-11-30T22:00:00.000Z' })).toEqual({
      text: 'Approved: the cutover begins at 2026-11-30T22:00:00.000Z, when its window opens.',
    });
  });

  test('is a repair where the target differs, or its acceptance where all differences are known', () => {
    const again = 'It is compared again from time to time, and at once after pause and resume.';
    expect(waiting({ verification: verification(2) })).toEqual({
      text: `The target differs: repair copies what differs again; or correct the target yourself. ${again}`,
      request: 'repair',
    });
    expect(waiting({ verification: verification(2, 'd1') })?.text).toBe(
      `The target differs: repair copies what differs again; or correct the target yourself. ${again} To cut over with these differences, send approveCutover with "acceptDifferences": "d1".`,
    );
    expect(waiting({ verification: verification(2), method: 'replication' })).toEqual({
      text: `The target differs: correct it. ${again}`,
      request: 'pause',
    });
  });

  test('is a decision about items that RavenDB refuses', () => {
    const step = waiting({ verification: verification(1), refused: [refused] });
    expect(step?.request).toBe('skip');
    expect(step?.text).toContain('The target differs: skip leaves out the item that RavenDB refuses;');
    expect(waiting({ verification: verification(1), refused: [{ ...refused, skipped }] })?.request).toBe(
      'repair',
    );
  });

  test('is that decision at the end of an import, too', () => {
    const importing = { workflowType: 'importDump', phase: 'verifying' } as const;
    expect(nextStep(progress({ ...importing, refused: [refused] }))).toEqual({
      text: 'The import ends when this is decided: skip leaves out the item that RavenDB refuses; or abort the import, correct the database that was exported, and export it again.',
      request: 'skip',
    });
    expect(nextStep(progress({ ...importing, refused: [{ ...refused, skipped }] }))).toBeUndefined();
    expect(nextStep(progress({ phase: 'copying', refused: [refused] }))).toBeUndefined();
  });

  test('is the repair of a comparison', () => {
    expect(nextStep(progress({ workflowType: 'verifyDatabases', phase: 'awaiting-repair' }))).toEqual({
      text: 'Waiting for a decision: repair mends all that differs (with "dryRun" it only says how much), abort ends the comparison.',
      request: 'repair',
    });
  });

  test('is the end of the way back', () => {
    const observing = {
      phase: 'observing',
      source,
      target,
      observedUntil: '2026-12-01T10:00:00.000Z',
    } as const;
    expect(nextStep(progress(observing))).toEqual({
      text: '"ShopSharded" serves, and what changes there flows back into "Shop" until 2026-12-01T10:00:00.000Z: complete ends that, rollBack takes the cutover back.',
      request: 'complete',
    });
  });
});

describe('the ways around what RavenDB refuses', () => {
  const several = [refused, { ...refused, id: 'orders/2' }, { ...refused, id: 'orders/3', skipped }];

  test('are told by how many items wait, and by where they can be corrected', () => {
    expect(waysAround(several, 'migrateDatabase', 'copying')).toBe(
      'skip leaves out the 2 items that RavenDB refuses; an item that is corrected on the source is copied',
    );
    expect(waysAround([refused], 'migrateDatabase', 'observing')).toBe(
      'skip leaves out the item that RavenDB refuses; an item that is corrected on the target flows back',
    );
    expect(waysAround([refused], 'importBackup')).toContain('or abort the import');
  });

  test('what changes on the target flows back after a cutover alone', () => {
    expect([flowsBack('observing'), flowsBack('rolling-back'), flowsBack('copying'), flowsBack()]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

test('differences can be accepted where all of them are known', () => {
  expect(waysToAccept(verification(1))).toBe('');
  expect(waysToAccept(verification(1, 'd1'))).toContain('"acceptDifferences": "d1"');
});

test('who decides says so, and who steers may', () => {
  expect(new Set(Object.values(requests).filter(isDecision))).toEqual(
    new Set(['approveCutover', 'rejectCutover', 'repair', 'skip', 'rehearse', 'complete', 'rollBack']),
  );
  expect(examplePayload('approveCutover')).toBe('{"by":"you","note":"why"}');
  expect(examplePayload('pause')).toBe('{"by":"you"}');
});
