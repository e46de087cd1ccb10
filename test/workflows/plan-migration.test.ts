/** What a plan finds out, in which order, and that it leaves nothing behind. */
import { describe, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import type { PlanResult } from '../../src/core/run/results.ts';
import { skipping } from './support/clock.ts';
import { fails } from './support/failing.ts';
import { FULL_BACKUP, forecast, HOST, inspected, type Outcome } from './support/healthy.ts';
import { byMethod, inputOf } from './support/inputs.ts';
import { type Run, start } from './support/run.ts';

function plan(activities: Partial<Activities> = {}, input: unknown = inputOf.planMigration): Promise<Run> {
  return start('planMigration', input, { activities });
}

function found(more: Partial<Outcome<'plan'>>): Outcome<'plan'> {
  return { checks: [], notCarried: [], targetExists: false, readable: true, ...more };
}

const blocker = { name: 'target', status: 'blocker', message: 'The target is not sharded.' } as const;

describe('a plan', () => {
  test('looks, forecasts, samples, and deletes the sample again', async () => {
    const run = await plan();
    const result = await run.result<PlanResult>();
    expect(run.calls).toEqual(['plan', 'forecastShards', 'copySample', 'removeSample', 'writeReport']);
    expect(result).toMatchObject({
      phase: 'completed',
      possible: true,
      forecast: forecast().forecast,
      estimate: { sample: { documents: 3, bytes: 300 } },
    });
    expect(result.steps.map(({ phase }) => phase)).toContain('awaiting-approval');
    expect(run.left.plan).toMatchObject({ possible: true });
  });

  test('that finds a blocker says so, and measures nothing', async () => {
    const run = await plan({ plan: async () => found({ checks: [blocker] }) });
    expect(await run.result<PlanResult>()).toMatchObject({
      possible: false,
      checks: [blocker],
      estimate: null,
    });
    expect(run.calls).toEqual(['plan', 'forecastShards', 'writeReport']);
  });

  test('that may not read the source forecasts nothing', async () => {
    const run = await plan({ plan: async () => found({ checks: [blocker], readable: false }) });
    expect(await run.result<PlanResult>()).toMatchObject({ possible: false, forecast: null });
    expect(run.calls).toEqual(['plan', 'writeReport']);
  });

  test('whose forecast finds a blocker measures nothing', async () => {
    const run = await plan({ forecastShards: async () => forecast({ checks: [blocker] }) });
    expect(await run.result<PlanResult>()).toMatchObject({ possible: false, checks: [blocker] });
    expect(run.calls).not.toContain('copySample');
  });

  test('of an empty source says that there was nothing to measure', async () => {
    const empty = { ...forecast().forecast, documents: 0 };
    const run = await plan({ forecastShards: async () => forecast({ forecast: empty }) });
    const { estimate, estimateNote } = await run.result<PlanResult>();
    expect(estimate).toBeNull();
    expect(estimateNote).toMatch(/source is empty/);
    expect(run.calls).not.toContain('copySample');
  });

  test('tells what will not be carried', async () => {
    const run = await plan({ plan: async () => found({ notCarried: ['ETL is not carried.'] }) });
    expect((await run.result<PlanResult>()).notCarried).toEqual(['ETL is not carried.']);
  });

  test('touches neither source nor target', async () => {
    const run = await plan();
    await run.result();
    const touching = ['createTarget', 'prepareTarget', 'claimTarget', 'holdTombstones'];
    expect(run.calls.filter((name) => touching.includes(name))).toEqual([]);
  });
});

describe('the sample', () => {
  test('that is refused costs the estimate, not the plan', async () => {
    const run = await plan({ copySample: async () => ({ refused: 'The certificate may not.' }) });
    const { possible, estimate, estimateNote } = await run.result<PlanResult>();
    expect({ possible, estimate }).toEqual({ possible: true, estimate: null });
    expect(estimateNote).toContain('The certificate may not.');
  });

  test('that fails five times costs the estimate, not the plan', async () => {
    const run = await plan({ copySample: () => Promise.reject(new Error('Somebody has deleted it.')) });
    const { possible, estimateNote } = await skipping(() => run.result<PlanResult>());
    expect(possible).toBe(true);
    expect(estimateNote).toContain('Somebody has deleted it.');
    expect(run.asked('copySample')).toHaveLength(5);
  });

  test('is deleted also when it failed: it may be there', async () => {
    const run = await plan({ copySample: fails('The disk is full.') });
    await run.result();
    expect(run.asked('removeSample')).toHaveLength(1);
  });

  test('that cannot be deleted is told', async () => {
    const run = await plan({ removeSample: fails('The server refuses.') });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect(run.left.attention).toMatch(
      /"shardlift-sample-\.\.\." is left on the target server: The server refuses/,
    );
  });
});

describe('by method', () => {
  test('replication nothing is measured: RavenDB has a speed of its own', async () => {
    const run = await plan({}, byMethod.replication);
    expect((await run.result<PlanResult>()).estimateNote).toMatch(/RavenDB itself replicates/);
    expect(run.calls).not.toContain('copySample');
  });

  test('dump the estimate says that a file comes on top', async () => {
    const run = await plan({}, byMethod.dump);
    expect((await run.result<PlanResult>()).estimateNote).toMatch(/"dump" also has to write or read a file/);
  });

  test('backup the files are looked at, where they are', async () => {
    const run = await plan({}, { ...byMethod.backup, backup: { path: 'backups', host: HOST } });
    expect((await run.result<PlanResult>()).possible).toBe(true);
    expect(run.calls.slice(0, 3)).toEqual(['plan', 'inspectFiles', 'readPosition']);
    expect(run.queues('inspectFiles')).toEqual([`@${HOST}`]);
    expect(run.left.findings).toContain('One full backup.');
  });

  test('backup files of another database block the migration', async () => {
    const files = [{ ...FULL_BACKUP, span: { OTHER: { lowest: 1, highest: 60 } } }];
    const run = await plan({ inspectFiles: async () => inspected({ files }) }, byMethod.backup);
    const { possible, checks } = await run.result<PlanResult>();
    expect(possible).toBe(false);
    expect(checks).toMatchObject([{ status: 'blocker', message: expect.stringContaining('does not match') }]);
  });
});
