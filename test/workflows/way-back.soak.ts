/** The time after the switch in runs that end in ways of their own; what they leave on the clock of the server disturbs other tests. */
import { describe, expect, test } from 'vitest';
import { transferReport } from '../../src/core/run/activity-report.ts';
import { historiesOf } from '../support/histories.ts';
import { healthy } from './support/healthy.ts';
import { hold } from './support/hold.ts';
import { migration } from './support/inputs.ts';
import { expectShortRuns } from './support/long-runs.ts';
import { type MigrationOptions, migrationIn, observing } from './support/migration.ts';
import type { Run } from './support/run.ts';
import { tuning } from './support/soak-tuning.ts';

const fenced = { ...migration, freeze: 'fence' };

async function waiting(options: MigrationOptions = {}): Promise<Run> {
  const { run } = await migrationIn('awaiting-approval', { input: fenced, ...options });
  return run;
}

describe('the time after the switch', () => {
  test('goes on in new runs, with all that a roll-back needs', async () => {
    const reached = (lastEtag: number) => [
      { connection: 'here', database: 'sharded$0', databaseId: 'SHARD0', lastEtag, comparedEtag: lastEtag },
    ];
    const flowing = hold('flowBack', {
      when: ({ until }) => until === 'canceled',
      does: healthy.flowBack,
      canceled: () => ({ storages: reached(900), differing: ['items/7'], differences: [] }),
    });
    const run = await observing({ holds: [flowing] });
    for (let n = 0; n < 2_500; n++) await run.handle.signal(transferReport, { lag: n, differingBack: 1 });
    await run.until('it goes on in another', async () => (await historiesOf(run.handle)).length > 1);
    expect(await run.reaches('observing')).toMatchObject({ observedUntil: expect.any(String) });
    await run.request('rollBack');
    expect((await run.failure()).type).toBe('CutoverRolledBack');
    expect(run.asked('drainBack')).toMatchObject([{ storages: reached(900), differing: ['items/7'] }]);
    expect(run.asked('finishRollBack')).toHaveLength(1);
    expect(run.asked('endFence')).toEqual([]);
    expect(run.left).toMatchObject({ phase: 'rolled-back', downtimeSeconds: expect.any(Number) });
    await expectShortRuns(run, 1, tuning);
  });

  test('that is canceled leaves a target that serves, and says so', async () => {
    const run = await observing();
    await run.handle.cancel();
    await run.ends('CANCELLED');
    expect(run.asked('endFence')).toMatchObject([{ opens: false }]);
    expect(run.left).toMatchObject({
      phase: 'canceled',
      failure: expect.stringContaining('"sharded" serves since the cutover'),
    });
    expect(run.left.failure).not.toContain('delete');
  });

  test('an abort that comes with the switch changes nothing, also for a later roll-back', async () => {
    const switching = hold('switchOver', { when: (_asked, nth) => nth === 1 });
    const run = await waiting({ holds: [switching], activities: { undoFence: async () => false } });
    await run.request('approveCutover');
    await switching.begun;
    await run.request('abort');
    await run.reaches('observing');
    await run.request('rollBack');
    expect((await run.failure()).type).toBe('CutoverRolledBack');
  });
});
