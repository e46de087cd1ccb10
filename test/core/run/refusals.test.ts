import { describe, expect, test } from 'vitest';
import { type RequestName, requests } from '../../../src/core/contract/contract.ts';
import {
  finalPhases,
  isFinal,
  isFrozen,
  type Phase,
  phasesOf,
  phasesWithWayBack,
} from '../../../src/core/contract/phases.ts';
import type { RunProgress } from '../../../src/core/run/progress.ts';
import { refusalOf } from '../../../src/core/run/refusals.ts';
import { allowedIn } from '../../../src/core/run/run-types.ts';
import { ofTen, progress } from '../../cli/fixtures.ts';

const VERIFIED = ofTen();

const workingPhases = phasesOf.migrateDatabase;

function at(phase: Phase, more: Partial<RunProgress> = {}): RunProgress {
  return progress({ phase, verification: VERIFIED, ...more });
}

const ALL_REQUESTS = Object.values(requests);
const ALLOWED = undefined;
/** Before anything is frozen and before somebody is asked. */
const RUNNING = ['planning', 'preparing', 'copying', 'catching-up', 'verifying'] as const;
const FROZEN = ['freezing', 'draining', 'final-verifying'] as const;

describe('phases', () => {
  test('the runbook ends with completing, and no working phase is an end', () => {
    expect(workingPhases).toEqual([...RUNNING, 'awaiting-approval', ...FROZEN, 'completing']);
    expect(workingPhases.filter(isFinal)).toEqual([]);
    expect(new Set(finalPhases)).toEqual(
      new Set(['completed', 'rejected', 'rolled-back', 'aborted', 'canceled', 'failed']),
    );
    expect(finalPhases.every(isFinal)).toBe(true);
  });

  test('the source is held still from the freeze to the last verification', () => {
    expect([...workingPhases, ...finalPhases].filter(isFrozen)).toEqual(FROZEN);
  });
});

describe.each(finalPhases)('when the migration is %s', (phase) => {
  test.each(ALL_REQUESTS)('%s is refused', (request) => {
    expect(refusalOf(request, at(phase))).toBe(`The migration has ended (${phase}).`);
    expect(refusalOf(request, at(phase, { paused: true }))).toBe(`The migration has ended (${phase}).`);
  });
});

describe.each(RUNNING)('while %s', (phase) => {
  test('approval must wait', () => {
    expect(refusalOf(requests.approve, at(phase))).toBe(
      `The cutover cannot be approved while ${phase}: wait for the phase awaiting-approval.`,
    );
  });

  test('there is nothing to reject', () => {
    expect(refusalOf(requests.reject, at(phase))).toBe(
      `There is nothing to reject while ${phase}; use abort to end the migration.`,
    );
  });

  test('it can be paused and aborted', () => {
    expect(refusalOf(requests.pause, at(phase))).toBe(ALLOWED);
    expect(refusalOf(requests.abort, at(phase))).toBe(ALLOWED);
  });

  test('a paused one can be resumed and aborted, not paused again', () => {
    const paused = at(phase, { paused: true });
    expect(refusalOf(requests.resume, paused)).toBe(ALLOWED);
    expect(refusalOf(requests.abort, paused)).toBe(ALLOWED);
    expect(refusalOf(requests.pause, paused)).toBe('The migration is paused already.');
  });

  test('one that is not paused cannot be resumed', () => {
    expect(refusalOf(requests.resume, at(phase))).toBe('The migration is not paused.');
  });
});

describe('while awaiting approval', () => {
  const phase = 'awaiting-approval';

  test.each([requests.approve, requests.reject, requests.pause, requests.abort])(
    '%s is allowed',
    (request) => {
      expect(refusalOf(request, at(phase))).toBe(ALLOWED);
    },
  );

  test('resume is refused unless it is paused', () => {
    expect(refusalOf(requests.resume, at(phase))).toBe('The migration is not paused.');
    expect(refusalOf(requests.resume, at(phase, { paused: true }))).toBe(ALLOWED);
  });

  test('a paused migration must be resumed before it is approved, and can be rejected', () => {
    const paused = at(phase, { paused: true });
    expect(refusalOf(requests.approve, paused)).toBe('The migration is paused; send resume first.');
    expect(refusalOf(requests.reject, paused)).toBe(ALLOWED);
    expect(refusalOf(requests.pause, paused)).toBe('The migration is paused already.');
  });

  test('nothing is approved without a verification', () => {
    expect(refusalOf(requests.approve, at(phase, { verification: null }))).toBe(
      'Nothing has been verified yet.',
    );
  });

  test('nothing is approved while the verification fails, but it may be rejected or aborted', () => {
    const differences = [{ kind: 'document', id: 'orders/1', what: 'differs' } as const];
    const failed = at(phase, { verification: { ...VERIFIED, mismatches: 1, differences } });
    expect(refusalOf(requests.approve, failed)).toBe(
      'Verification failed: 1 difference, the first: document "orders/1": differs. ' +
        'Send repair to copy what differs again, or correct the target; it is verified again automatically.',
    );
    const replicated: RunProgress = { ...failed, method: 'replication' };
    expect(refusalOf(requests.approve, replicated)).toContain('Correct the target; it is verified again');
    expect(refusalOf(requests.repair, failed)).toBe(ALLOWED);
    expect(refusalOf(requests.repair, replicated)).toContain('Replicated items cannot be repaired');
    expect(refusalOf(requests.repair, { ...failed, paused: true })).toBe(
      'The migration is paused; send resume first.',
    );
    expect(refusalOf(requests.reject, failed)).toBe(ALLOWED);
    expect(refusalOf(requests.abort, failed)).toBe(ALLOWED);
  });

  test('there is nothing to repair where nothing differs', () => {
    const nothing = 'The last verification found nothing to repair.';
    expect(refusalOf(requests.repair, at(phase, { verification: VERIFIED }))).toBe(nothing);
    expect(refusalOf(requests.repair, at(phase))).toBe(nothing);
  });

  test('documents that changed meanwhile do not stand in the way', () => {
    const lagging = at(phase, { verification: { ...VERIFIED, lagging: 5 } });
    expect(refusalOf(requests.approve, lagging)).toBe(ALLOWED);
  });
});

describe.each(FROZEN)('while %s', (phase) => {
  test('it can be aborted, nothing else', () => {
    expect(refusalOf(requests.abort, at(phase))).toBe(ALLOWED);
    expect(refusalOf(requests.pause, at(phase))).toBe(
      `The source is frozen (${phase}); use abort to undo the freeze and end.`,
    );
    expect(refusalOf(requests.resume, at(phase))).toBe('The migration is not paused.');
    expect(refusalOf(requests.approve, at(phase))).toContain(`cannot be approved while ${phase}`);
    expect(refusalOf(requests.reject, at(phase))).toContain(`nothing to reject while ${phase}`);
    expect(refusalOf(requests.repair, at(phase))).toContain(`Nothing can be repaired while ${phase}`);
  });
});

describe.each(RUNNING)('while %s by replication', (phase) => {
  test('there is no speed to limit, and all else is as ever', () => {
    const progress = at(phase, { method: 'replication' });
    expect(refusalOf(requests.throttle, progress)).toBe(
      'RavenDB replication cannot be rate-limited; it can only be paused.',
    );
    for (const request of ALL_REQUESTS.filter((each) => each !== requests.throttle)) {
      expect(refusalOf(request, progress)).toBe(refusalOf(request, at(phase)));
    }
  });
});

describe('while completing', () => {
  test('abort, approval and rejection come too late', () => {
    expect(refusalOf(requests.abort, at('completing'))).toBe(
      'The migration is done; there is nothing left to abort.',
    );
    expect(refusalOf(requests.approve, at('completing'))).toContain('cannot be approved while completing');
    expect(refusalOf(requests.pause, at('completing'))).toContain('nothing left to pause');
    expect(refusalOf(requests.reject, at('completing'))).toContain('nothing to reject while completing');
  });
});

test('the advice of a refusal names a request that is allowed then', () => {
  const names = new Set<string>(ALL_REQUESTS);
  for (const phase of workingPhases.filter((each) => each !== 'completing')) {
    for (const paused of [false, true]) {
      for (const request of ALL_REQUESTS) {
        const reason = refusalOf(request, at(phase, { paused })) ?? '';
        const advised = /(?:use|send) (\w+)/.exec(reason)?.[1];
        if (advised === undefined) continue;
        expect(names).toContain(advised);
        expect(refusalOf(advised as RequestName, at(phase, { paused }))).toBe(ALLOWED);
      }
    }
  }
});

describe('requests of other workflow types', () => {
  const importing = at('importing', { workflowType: 'importDump', phases: phasesOf.importDump });
  const comparing = at('reading', {
    workflowType: 'verifyDatabases',
    phases: phasesOf.verifyDatabases,
    verification: { ...VERIFIED, mismatches: 1 },
  });

  test.each<[RequestName, Partial<RunProgress>, RegExp | undefined]>([
    ['pause', {}, undefined],
    ['pause', { paused: true }, /paused already/],
    ['pause', { phase: 'completing' }, /nothing left to pause/],
    ['resume', {}, /import is not paused/],
    ['resume', { paused: true }, undefined],
    ['throttle', {}, undefined],
    ['throttle', { phase: 'verifying' }, /nothing to throttle/],
    [
      'throttle',
      { phase: 'forecasting', workflowType: 'planMigration' },
      /does not take throttle; it takes pause/,
    ],
    ['approveCutover', {}, /does not take approveCutover/],
    ['abort', {}, undefined],
    ['abort', { phase: 'completing' }, /nothing left to abort/],
    ['abort', { phase: 'failed' }, /import has ended/],
  ])('an import answers %s while %j', (request, change, refusal) => {
    const answer = refusalOf(request, { ...importing, ...change });
    if (refusal) expect(answer).toMatch(refusal);
    else expect(answer).toBeUndefined();
  });

  test('a comparison is throttled while it reads, and repaired while it waits for that', () => {
    expect(refusalOf('throttle', comparing)).toBeUndefined();
    expect(refusalOf('throttle', { ...comparing, phase: 'comparing' })).toContain('nothing to throttle');
    const phases = ['planning', 'comparing', 'completing'] as const;
    expect(refusalOf('throttle', { ...comparing, phase: 'planning', phases })).toContain('depth "full"');
    const waiting: RunProgress = { ...comparing, phase: 'awaiting-repair' };
    expect(refusalOf('repair', waiting)).toBeUndefined();
    expect(refusalOf('repair', { ...waiting, paused: true })).toBe(
      'The comparison is paused; send resume first.',
    );
    expect(refusalOf('repair', comparing)).toContain('wait for the phase awaiting-repair');
    expect(refusalOf('repair', { ...comparing, phases })).toContain('"repair": "ask"');
    expect(refusalOf('abort', waiting)).toBeUndefined();
  });

  test.each(Object.entries(allowedIn))('%s names only phases that it has', (type, allowed) => {
    const phases: readonly string[] =
      type === 'migrateDatabase' || type === 'cutOver'
        ? phasesWithWayBack(type, true)
        : phasesOf[type as keyof typeof phasesOf];
    for (const each of Object.values(allowed)) {
      expect(phases).toEqual(expect.arrayContaining([...each]));
      expect(each).not.toContain('completing');
    }
    expect(Object.keys(allowed)).toEqual(expect.arrayContaining(['pause', 'resume', 'abort']));
  });

  test('every working phase but the last can be paused or is frozen, and each can be aborted', () => {
    for (const [type, { pause = [], abort = [] }] of Object.entries(allowedIn)) {
      const working = phasesOf[type as keyof typeof phasesOf].slice(0, -1);
      expect(new Set(abort)).toEqual(new Set(working));
      expect(new Set(pause)).toEqual(new Set(working.filter((phase) => !isFrozen(phase))));
    }
  });
});
