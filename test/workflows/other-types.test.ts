/** What runs of the other types do with each request in each phase, how they end, and what they leave. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RequestName, requests, type WorkflowType } from '../../src/core/contract/contract.ts';
import type { WorkingPhase } from '../../src/core/contract/phases.ts';
import { allowedIn } from '../../src/core/run/run-types.ts';
import { skip } from './support/clock.ts';
import { fails } from './support/failing.ts';
import { type ActivityName, different } from './support/healthy.ts';
import { type Hold, hold } from './support/hold.ts';
import { inputOf, migration } from './support/inputs.ts';
import { type Run, type StartOptions, start } from './support/run.ts';

interface Phase {
  type: WorkflowType;
  phase: WorkingPhase;
  /** What is at work in it. */
  works: ActivityName;
  takes: RequestName[];
  input?: unknown;
  hold?: () => Hold;
}

const ENDABLE: RequestName[] = ['pause', 'abort'];
const LIMITED: RequestName[] = [...ENDABLE, 'throttle'];
const REPAIRING = { ...(inputOf.verifyDatabases as object), repair: 'ask' };
const close = () => hold('catchUp', { when: ({ until }) => until === 'close' });

const phases: Phase[] = [
  { type: 'syncDatabase', phase: 'planning', works: 'plan', takes: LIMITED },
  { type: 'syncDatabase', phase: 'preparing', works: 'createTarget', takes: LIMITED },
  { type: 'syncDatabase', phase: 'copying', works: 'copyPiece', takes: LIMITED },
  { type: 'syncDatabase', phase: 'catching-up', works: 'catchUp', takes: LIMITED, hold: close },
  { type: 'syncDatabase', phase: 'verifying', works: 'readPart', takes: LIMITED },
  { type: 'syncDatabase', phase: 'completing', works: 'releaseTarget', takes: [] },

  { type: 'exportDatabase', phase: 'planning', works: 'planExport', takes: ENDABLE },
  { type: 'exportDatabase', phase: 'exporting', works: 'writeDump', takes: ENDABLE },

  ...(['importDump', 'importBackup'] as const).flatMap((type): Phase[] => [
    { type, phase: 'planning', works: 'inspectFiles', takes: LIMITED },
    { type, phase: 'preparing', works: 'createTarget', takes: LIMITED },
    { type, phase: 'importing', works: 'importFiles', takes: LIMITED },
    { type, phase: 'verifying', works: 'importFileSettings', takes: ENDABLE },
    { type, phase: 'completing', works: 'releaseTarget', takes: [] },
  ]),

  { type: 'verifyDatabases', phase: 'planning', works: 'planVerification', takes: LIMITED },
  { type: 'verifyDatabases', phase: 'reading', works: 'readPart', takes: LIMITED },
  { type: 'verifyDatabases', phase: 'comparing', works: 'compareDatabases', takes: ENDABLE },
  {
    type: 'verifyDatabases',
    phase: 'awaiting-repair',
    works: 'repairItems',
    takes: [...ENDABLE, 'repair'],
    input: REPAIRING,
    hold: () => hold('compareDatabases', { when: () => false, does: async () => different() }),
  },

  { type: 'planMigration', phase: 'planning', works: 'plan', takes: ENDABLE },
  { type: 'planMigration', phase: 'forecasting', works: 'forecastShards', takes: ENDABLE },
  { type: 'planMigration', phase: 'sampling', works: 'copySample', takes: ENDABLE },
  { type: 'planMigration', phase: 'completing', works: 'removeSample', takes: [] },

  { type: 'removeLeftovers', phase: 'planning', works: 'findLeftovers', takes: ENDABLE },
  { type: 'removeLeftovers', phase: 'removing', works: 'removeLeftovers', takes: ENDABLE },
];

/** Brings a run of a type into a phase, and keeps it there. */
async function runIn(
  { type, phase, works, input = inputOf[type], hold: holding = () => hold(works) }: Phase,
  options: StartOptions = {},
): Promise<{ run: Run; held: Hold }> {
  const held = holding();
  const run = await start(type, input, { ...options, holds: [held] });
  if (phase !== 'awaiting-repair') await held.begun;
  await run.reaches(phase);
  return { run, held };
}

const titled = phases.map((each) => [each.type, each.phase, each] as const);
const payloads: Partial<Record<RequestName, unknown>> = { throttle: { by: 'ann', maxItemsPerSecond: 5 } };

describe.each(titled)('%s while %s', (_type, _phase, each) => {
  let run: Run;

  beforeAll(async () => {
    ({ run } = await runIn(each, { shared: true }));
  });
  afterAll(() => run.end());

  // what a type never takes it refuses in one way
  const refused = Object.values(requests).filter(
    (name) => !each.takes.includes(name) && (allowedIn[each.type][name] || each.phase === 'planning'),
  );

  test.each(refused)('refuses %s, says why, and notes it where it comes as a signal', async (name) => {
    const reason = await run.refusalOf(name, payloads[name]);
    const unknown = /^No registered handler/.test(reason);
    await run.signal(name, payloads[name]);
    await run.until('it is noted', async () => (await run.progress()).lastRefusal?.request === name);
    const noted = (await run.progress()).lastRefusal?.reason;
    if (unknown)
      expect(noted).toMatch(new RegExp(`^${each.type} does not take ${name}; it takes pause, resume`));
    else expect(noted).toBe(reason);
    expect(await run.progress()).toMatchObject({ phase: each.phase, paused: false, maxItemsPerSecond: null });
  });
});

const pausable = titled.filter(([, , { takes }]) => takes.includes('pause'));

describe('a pause', () => {
  test.each(pausable)('of %s while %s stops it, and a resume goes on', async (_type, phase, each) => {
    const { run, held } = await runIn(each);
    await run.request('pause', { by: 'ann' });
    await run.until('nothing is at work', async () => (await run.pending()).length === 0);
    held.release();
    const calls = run.calls.length;
    await skip('1 day');
    expect(run.calls).toHaveLength(calls);
    expect(await run.progress()).toMatchObject({ phase, paused: true });
    await run.request('resume', { by: 'bob' });
    if (phase === 'awaiting-repair') await run.request('repair');
    await run.calledFor(each.works, run.asked(each.works).length + (phase === 'awaiting-repair' ? 1 : 0));
    if (phase !== 'awaiting-repair') expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect(await run.notes()).toEqual(expect.arrayContaining(['Paused by ann', 'Resumed by bob']));
  });
});

const abortable = titled.filter(([, , { takes }]) => takes.includes('abort'));

describe('an abort', () => {
  test.each(abortable)('of %s while %s ends it, and leaves a report', async (type, phase, each) => {
    const { run } = await runIn(each);
    await run.request('abort', { by: 'ann', note: 'not today' });
    const { type: failure, message } = await run.failure();
    expect(failure).toBe('Aborted');
    expect(message).toMatch(/was aborted by ann: not today\./);
    expect(run.left).toMatchObject({ workflowType: type, phase: 'aborted', failure: message });
    expect(run.left.timings.at(-1)?.phase).toBe(phase);
  });

  test.each(abortable)('of %s while %s tidies up', async (type, phase, each) => {
    const { run } = await runIn(each);
    await run.request('abort');
    await run.failure();
    expect(tidiedBy(run)).toEqual(tidying(type, phase));
  });
});

/** What a run has given back. The one type whose work is to remove something gives nothing back. */
function tidiedBy(run: Run): ActivityName[] {
  return run.calls.filter((name) => /^(release|remove)/.test(name) && name !== 'removeLeftovers');
}

/** What is given back when a type ends in a phase. */
function tidying(type: WorkflowType, phase: WorkingPhase): ActivityName[] {
  if (phase === 'planning' || phase === 'preparing') return [];
  if (type === 'syncDatabase') return ['releaseTombstones', 'releaseTarget'];
  if (type === 'importDump' || type === 'importBackup') return ['releaseTarget'];
  return type === 'planMigration' && phase === 'sampling' ? ['removeSample'] : [];
}

describe('a cancellation by Temporal', () => {
  test.each(abortable)('of %s while %s ends it as canceled, tidied up', async (type, phase, each) => {
    const { run } = await runIn(each);
    await run.handle.cancel();
    await run.ends('CANCELLED');
    expect(run.left).toMatchObject({ phase: 'canceled', failure: expect.stringContaining('was canceled') });
    expect(tidiedBy(run)).toEqual(tidying(type, phase));
  });
});

describe('what fails for good', () => {
  test.each(titled.filter(([, phase]) => !['completing', 'awaiting-repair', 'sampling'].includes(phase)))(
    'in %s while %s ends it as failed, with the reason',
    async (type, phase, { works }) => {
      const run = await start(type, inputOf[type], {
        activities: { [works]: fails('The disk is full.', 'DiskFull') },
      });
      const failure = await run.failure();
      expect(failure.type).toBe('DiskFull');
      expect(failure.message).toMatch(/^The disk is full\./);
      expect(run.left).toMatchObject({ phase: 'failed', failure: failure.message });
      expect(run.left.timings.at(-1)?.phase).toBe(phase);
    },
  );
});

describe('a request that a type does not have', () => {
  test('is refused by a comparison that repairs nothing', async () => {
    const { run } = await runIn(phases.find(({ phase }) => phase === 'comparing') as Phase);
    expect(await run.refusalOf('repair')).toMatch(/start one with "repair": "ask"/);
  });
});

describe('a signal that no type has', () => {
  test.each(Object.keys(inputOf) as WorkflowType[])('is noted as refused by %s', async (type) => {
    const run = await start(type, inputOf[type], { signal: { name: 'pause', payload: {} } });
    await run.handle.signal('aprove', { by: 'ann' });
    await run.until('it is noted', async () => (await run.progress()).lastRefusal !== null);
    expect((await run.progress()).lastRefusal).toMatchObject({
      request: 'aprove',
      reason: expect.stringMatching(/does not take aprove; it takes pause/),
    });
  });
});

describe('a signal that is there before the workflow begins', () => {
  test.each(Object.keys(inputOf) as WorkflowType[])('pauses %s before it does anything', async (type) => {
    const run = await start(type, inputOf[type], { signal: { name: 'pause', payload: { by: 'ann' } } });
    await run.until('it is paused', async () => (await run.progress()).paused);
    await skip('1 day');
    expect(run.calls).toEqual([]);
  });

  test('aborts a migration before it does anything', async () => {
    const run = await start('migrateDatabase', migration, {
      signal: { name: 'abort', payload: { by: 'ann' } },
    });
    expect((await run.failure()).type).toBe('Aborted');
    expect(run.calls).toEqual(['writeReport']);
  });

  test('sets the limit of a copy before it begins', async () => {
    const run = await start('migrateDatabase', migration, {
      signal: { name: 'throttle', payload: { maxItemsPerSecond: 5 } },
    });
    await run.reaches('awaiting-approval');
    expect(run.asked('copyPiece')[0]?.maxItemsPerSecond).toBe(5);
  });
});
