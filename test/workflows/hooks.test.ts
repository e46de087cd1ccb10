/** Hooks: when they are called, and what becomes of a cutover whose hook fails, vetoes or hangs. */
import { ApplicationFailure } from '@temporalio/activity';
import { describe, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import { fails } from './support/failing.ts';
import { hold } from './support/hold.ts';
import { migration } from './support/inputs.ts';
import { type Run, type StartOptions, start } from './support/run.ts';

const names = {
  stopWriters: ['stop'],
  beforeSwitch: ['ask', 'ask again'],
  afterSwitch: ['tell'],
  startWriters: ['start'],
};
const fenced = { ...migration, freeze: 'fence', observeFor: '0s', hooks: names };
const byHooks = { ...migration, freeze: 'hook', hooks: names };

async function approved(input: unknown, options: StartOptions = {}): Promise<Run> {
  const run = await start('migrateDatabase', input, options);
  await run.reaches('awaiting-approval');
  await run.request('approveCutover');
  return run;
}

function called(run: Run): string[] {
  return run
    .asked('runHook')
    .map(({ hook, direction, to }) => `${hook} ${direction === 'back' ? 'back ' : ''}-> ${to.database}`);
}

/** What a hook of one name does; the others are fine. */
function hook(name: string, does: () => Promise<void>): Partial<Activities> {
  return { runHook: async (call) => (call.hook === name ? await does() : undefined) };
}

describe('hooks of a cutover behind a fence', () => {
  test('are asked before the switch, and told after it', async () => {
    const run = await approved(fenced);
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect(called(run)).toEqual(['ask -> sharded', 'ask again -> sharded', 'tell -> sharded']);
    const after = run.calls.slice(run.calls.indexOf('verifyBehindFence'));
    expect(after.filter((name) => name !== 'undoFence').slice(0, 5)).toEqual([
      'verifyBehindFence',
      'runHook',
      'runHook',
      'switchOver',
      'runHook',
    ]);
  });

  test('keep the switch from happening by a veto, which is not asked for again', async () => {
    const veto = fails('The hook "ask" vetoed the switch.', 'HookVetoed');
    const run = await approved(fenced, { activities: hook('ask', veto) });
    await run.until('it is undone', async () => (await run.attention())?.includes('vetoed') ?? false);
    await run.reaches('awaiting-approval');
    expect(called(run)).toEqual(['ask -> sharded']);
    expect(run.asked('switchOver')).toEqual([]);
    expect(run.asked('undoFence')).toHaveLength(1);
  });

  test('are tried three times, and then the cutover is undone', async () => {
    const run = await approved(fenced, {
      activities: hook('ask', () => {
        throw ApplicationFailure.retryable('The hook "ask" failed.', 'HookFailed');
      }),
    });
    await run.until('it is undone', async () => (await run.attention())?.includes('"ask" failed') ?? false);
    expect(called(run)).toEqual(['ask -> sharded', 'ask -> sharded', 'ask -> sharded']);
    expect(run.asked('switchOver')).toEqual([]);
  });

  test('that hang are not waited for longer than the budget, and nothing is switched when they return', async () => {
    const hanging = hold('runHook');
    const run = await approved({ ...fenced, downtimeBudget: '6s' }, { holds: [hanging] });
    await hanging.begun;
    await run.until('it is undone', async () => (await run.attention())?.includes('budget of 6s') ?? false);
    hanging.release();
    await run.reaches('awaiting-approval');
    expect(run.asked('switchOver')).toEqual([]);
    expect(run.asked('undoFence')).toHaveLength(1);
  });

  test('that fail after the switch are told of, for the target serves', async () => {
    const run = await approved(fenced, { activities: hook('tell', fails('It is away.', 'HookVetoed')) });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect(run.left.attention).toContain('It is away. Do by hand what it should have done.');
  });

  test('are called the other way round in a roll-back', async () => {
    const run = await approved({ ...fenced, observeFor: '1h' });
    await run.reaches('observing');
    await run.request('rollBack');
    expect((await run.failure()).type).toBe('CutoverRolledBack');
    expect(called(run).slice(3)).toEqual(['ask back -> shop', 'ask again back -> shop', 'tell back -> shop']);
  });
});

describe('hooks that stop the writers', () => {
  test('stop them before the proof of quiet, and start them after the switch', async () => {
    const run = await approved(byHooks);
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect(called(run)).toEqual([
      'stop -> sharded',
      'ask -> sharded',
      'ask again -> sharded',
      'tell -> sharded',
      'start -> sharded',
    ]);
    expect(run.calls.indexOf('runHook')).toBeLessThan(run.calls.indexOf('proveQuiet'));
  });

  test('start them again on the source when the freeze is undone', async () => {
    const run = await approved(byHooks, {
      activities: { proveQuiet: fails('It is not quiet.', 'SourceNotQuiet') },
    });
    await run.until('it is undone', async () => (await run.attention())?.includes('not quiet') ?? false);
    expect(called(run)).toEqual(['stop -> sharded', 'start back -> shop']);
  });

  test('are not called where people stop the writers', async () => {
    const run = await approved({ ...migration, hooks: { ...names, startWriters: [], stopWriters: [] } });
    await run.result();
    expect(called(run)).toEqual(['ask -> sharded', 'ask again -> sharded', 'tell -> sharded']);
  });
});
