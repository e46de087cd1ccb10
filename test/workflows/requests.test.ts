/** Which requests a migration refuses in which phase, and why. What it does with the others: `steering.test.ts`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RequestName, requests } from '../../src/core/contract/contract.ts';
import type { MigrationPhase } from '../../src/core/contract/phases.ts';
import { AFTER_APPROVAL, migrationIn, type Standing } from './support/migration.ts';

const WHILE_COPYING: RequestName[] = ['pause', 'throttle', 'abort'];

const takes: Record<MigrationPhase, RequestName[]> = {
  planning: WHILE_COPYING,
  preparing: WHILE_COPYING,
  copying: WHILE_COPYING,
  'catching-up': WHILE_COPYING,
  verifying: WHILE_COPYING,
  'awaiting-approval': ['approveCutover', 'rejectCutover', 'pause', 'abort'],
  freezing: ['abort'],
  draining: ['abort'],
  'final-verifying': ['abort'],
  observing: ['complete', 'rollBack'],
  'rolling-back': [],
  completing: [],
};

/** What a refusal says. */
const reasons: Record<RequestName, RegExp> = {
  approveCutover: /cannot be approved while (\S+): wait for the phase awaiting-approval/,
  rejectCutover: /nothing to reject while (\S+); use abort/,
  repair: /found nothing to repair|repaired while (\S+): wait for the phase awaiting-approval/,
  skip: /has refused no item|(?:is frozen|serves|rolled back) \((\S+)\); (?:use|wait)|is done; there is nothing left to skip/,
  rehearse: /rehearsed while (\S+): wait for the phase awaiting-approval|Only a cutover behind a fence/,
  complete: /has no way back|no cutover to complete while (\S+): wait for the phase observing/,
  rollBack: /has no way back|no cutover to roll back while (\S+): wait for the phase observing/,
  pause: /(?:is frozen|serves|rolled back) \((\S+)\); (?:use|wait)|is done; there is nothing left to pause/,
  resume: /is not paused/,
  throttle: /nothing to throttle/,
  abort: /(?:serves|rolled back) \((\S+)\); (?:use|wait)|is done; there is nothing left to abort/,
};

const payloads: Partial<Record<RequestName, unknown>> = { throttle: { by: 'ann', maxItemsPerSecond: 5 } };

describe.each(Object.entries(takes) as [MigrationPhase, RequestName[]][])('while %s', (phase, taken) => {
  let standing: Standing;

  beforeAll(async () => {
    standing = await migrationIn(phase, { shared: true });
  });
  afterAll(() => standing.run.end());

  const refused = Object.values(requests).filter((name) => !taken.includes(name));

  test.each(refused)('%s is refused as an update, and the reason names the way out', async (name) => {
    const reason = await standing.run.refusalOf(name, payloads[name]);
    expect(reason).toMatch(reasons[name]);
    const [, named = phase] = reasons[name].exec(reason) ?? [];
    expect(named).toBe(phase);
  });

  test.each(refused)('%s is noted as refused where it comes as a signal', async (name) => {
    const { run } = standing;
    await run.signal(name, payloads[name]);
    await run.until('it is noted', async () => (await run.progress()).lastRefusal?.request === name);
    const { lastRefusal, paused, approval, maxItemsPerSecond } = await run.progress();
    expect(lastRefusal?.reason).toBe(await run.refusalOf(name, payloads[name]));
    // a refused request changes nothing else
    expect({ paused, maxItemsPerSecond }).toEqual({ paused: false, maxItemsPerSecond: null });
    expect(approval !== null).toBe(AFTER_APPROVAL.has(phase));
  });
});
