/** A target's server of another version is asked for what it takes, before anything is copied. */
import { describe, expect, test } from 'vitest';
import { blocker, warning } from '../../src/core/plan/check.ts';
import type { PlanResult } from '../../src/core/run/results.ts';
import { skipping } from './support/clock.ts';
import { fails } from './support/failing.ts';
import type { Outcome } from './support/healthy.ts';
import { inputOf } from './support/inputs.ts';
import { start } from './support/run.ts';

const FOUND: Outcome<'plan'> = {
  checks: [],
  notCarried: [],
  targetExists: false,
  readable: true,
  isOtherVersion: true,
};
const plan = async () => FOUND;
const refused = async () => ({ checks: [warning('indexes', 'Refused.')], notCarried: ['index "V"'] });

describe('a plan', () => {
  test('names what is refused, and goes on', async () => {
    const run = await start('planMigration', inputOf.planMigration, {
      activities: { plan, tryDefinitions: refused },
    });
    const { possible, checks, notCarried } = await run.result<PlanResult>();
    expect({ possible, notCarried }).toEqual({ possible: true, notCarried: ['index "V"'] });
    expect(checks).toMatchObject([{ name: 'indexes' }, expect.anything()]);
    expect(run.calls.slice(0, 3)).toEqual(['plan', 'tryDefinitions', 'forecastShards']);
  });

  test('that is not possible anyway tries nothing', async () => {
    const blocked = async () => ({ ...FOUND, checks: [blocker('target', 'It is not sharded.')] });
    const run = await start('planMigration', inputOf.planMigration, { activities: { plan: blocked } });
    await run.result();
    expect(run.calls).toEqual(['plan', 'forecastShards', 'writeReport']);
  });
});

describe('a migration', () => {
  test('names what is refused before it changes anything', async () => {
    const run = await start('migrateDatabase', inputOf.migrateDatabase, {
      activities: { plan, tryDefinitions: refused },
    });
    await run.reaches('awaiting-approval');
    expect(run.calls.slice(0, 2)).toEqual(['plan', 'tryDefinitions']);
    await run.request('approveCutover');
    await run.reaches('completed');
    expect(run.left.notCarried).toContain('index "V"');
    expect(run.asked('removeSample')).toHaveLength(0);
  });

  test('does not begin where the target cannot be created', async () => {
    const tryDefinitions = async () => ({
      checks: [blocker('setting', 'Could not set it.')],
      notCarried: [],
    });
    const run = await start('migrateDatabase', inputOf.migrateDatabase, {
      activities: { plan, tryDefinitions },
    });
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'PlanBlocked' } });
    expect(run.calls).not.toContain('createTarget');
  });

  test('goes on where nothing could be tried, says so, and leaves nothing behind', async () => {
    const run = await start('migrateDatabase', inputOf.migrateDatabase, {
      activities: { plan, tryDefinitions: fails('The disk is full.') },
    });
    await skipping(() => run.reaches('awaiting-approval'));
    await run.request('approveCutover');
    await run.reaches('completed');
    expect(run.left.notes.map(({ text }) => text).join()).toMatch(/could not be tried there.*disk is full/);
    expect(run.asked('removeSample')).toHaveLength(1);
  });
});
