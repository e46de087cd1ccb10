/** The first copy by RavenDB's own replication: one task, which is there for as long as the migration. */
import { describe, expect, test } from 'vitest';
import type { Activities } from '../../../src/activities/index.ts';
import { transferReport } from '../../../src/core/run/activity-report.ts';
import { skip } from '../support/clock.ts';
import { fails, isAway } from '../support/failing.ts';
import { healthy, POSITION } from '../support/healthy.ts';
import { hold } from '../support/hold.ts';
import { byMethod, migration, source } from '../support/inputs.ts';
import { type Run, start } from '../support/run.ts';

const input = byMethod.replication;

async function waiting(activities: Partial<Activities> = {}): Promise<Run> {
  const run = await start('migrateDatabase', input, { activities });
  await run.reaches('awaiting-approval');
  return run;
}

/** What was done to the task. */
function deeds(run: Run): string[] {
  return run.calls.filter((name) => name.endsWith('Replication'));
}

describe('a migration by replication', () => {
  test('makes one task, waits for what it carries, and takes it away at the end', async () => {
    const run = await waiting();
    await run.request('approveCutover');
    await run.result();
    expect(deeds(run)).toEqual(['startReplication', 'removeReplication']);
    expect(run.asked('removeReplication')).toEqual([source]);
  });

  test('counts nothing as arrived: RavenDB knows how far the task has come', async () => {
    const later = { ...POSITION, etag: 120 };
    const run = await waiting({
      catchUp: async (asked) => (asked.until === 'carried' ? later : healthy.catchUp(asked)),
    });
    expect(run.asked('startReplication')[0]?.from).toEqual({ ...POSITION, etag: 0 });
    expect(run.asked('catchUp')[0]).toMatchObject({ until: 'carried', from: { etag: 0 } });
    expect(run.asked('copyClusterItems')[0]?.from).toEqual(later);
  });

  test('of the type replicateDatabase does the same', async () => {
    const run = await start('replicateDatabase', migration);
    const progress = await run.reaches('awaiting-approval');
    expect(progress).toMatchObject({ workflowType: 'replicateDatabase', method: 'replication' });
    expect(deeds(run)).toEqual(['startReplication']);
  });

  test('allows no other documents on the target, whatever the input says', async () => {
    const target = { ...migration.target, allowExistingData: true };
    const run = await start('migrateDatabase', { ...input, target });
    await run.reaches('awaiting-approval');
    expect(run.asked('plan')[0]?.target.allowExistingData).toBe(false);
  });

  test('shows how the task is', async () => {
    const run = await waiting();
    const replication = {
      state: 'cannot reach the target, tries again',
      left: null,
      lastContact: null,
      behindSince: null,
      error: 'Connection refused',
    };
    await run.handle.signal(transferReport, { replication });
    await run.until('it shows', async () => (await run.progress()).replication !== undefined);
    expect(await run.page()).toContain('Replication: cannot reach the target, tries again');
  });
});

describe('a pause', () => {
  test('disables the task, and the work after it enables it again', async () => {
    const run = await waiting();
    await run.request('pause');
    await run.calledFor('pauseReplication');
    await skip('1 day');
    expect(deeds(run)).toEqual(['startReplication', 'pauseReplication']);
    const rounds = run.asked('catchUp').length;
    await run.request('resume');
    // the activity that waits for the task enables it
    await run.calledFor('catchUp', rounds + 1);
  });

  test('in the middle of the first copy disables it too', async () => {
    const carrying = hold('catchUp', { when: ({ until }, nth) => until === 'carried' && nth === 1 });
    const run = await start('migrateDatabase', input, { holds: [carrying] });
    await carrying.begun;
    await run.request('pause');
    await run.calledFor('pauseReplication');
    await run.until('it has stopped', async () => (await run.pending()).length === 0);
    await run.request('resume');
    await run.reaches('awaiting-approval');
    expect(run.asked('catchUp').filter(({ until }) => until === 'carried')).toHaveLength(2);
  });

  test('before there is a task disables none', async () => {
    const planning = hold('plan', { when: (_asked, nth) => nth === 1 });
    const run = await start('migrateDatabase', input, { holds: [planning] });
    await planning.begun;
    await run.request('pause');
    await skip('1 day');
    expect(deeds(run)).toEqual([]);
  });

  test('that the source refuses is noted, and holds nothing up', async () => {
    const run = await waiting({ pauseReplication: fails('The server refuses.') });
    await run.request('pause');
    await run.until('it is noted', async () => (await run.notes()).some((text) => /goes on/.test(text)));
    expect(await run.notes()).toContain(
      'The replication task was not disabled, and goes on: The server refuses.',
    );
    await run.request('abort');
    expect((await run.failure()).type).toBe('Aborted');
    expect(deeds(run).at(-1)).toBe('removeReplication');
  });

  test.each(['resume', 'abort'] as const)(
    'that does not come to its end gives way to %s',
    async (request) => {
      const run = await waiting({ pauseReplication: isAway });
      await run.request('pause');
      await run.calledFor('pauseReplication');
      const rounds = run.asked('catchUp').length;
      await run.request(request);
      if (request === 'resume') await run.calledFor('catchUp', rounds + 1);
      else expect((await run.failure()).type).toBe('Aborted');
    },
  );
});

describe('the task is taken away', () => {
  test.each(['abort', 'rejectCutover'] as const)('after %s', async (request) => {
    const run = await waiting();
    await run.request(request);
    const { message } = await run.failure();
    expect(deeds(run)).toEqual(['startReplication', 'removeReplication']);
    expect(message).toContain('with target.allowExistingData and method "stream"');
  });

  test('after a failure, and when its own making has failed: that may have taken effect', async () => {
    const run = await start('migrateDatabase', input, {
      activities: { startReplication: fails('The license does not allow it.', 'LicenseLimit') },
    });
    expect((await run.failure()).type).toBe('LicenseLimit');
    expect(deeds(run)).toEqual(['startReplication', 'removeReplication']);
  });

  test('or it is said that it is still there, and the migration ends', async () => {
    const run = await waiting({ removeReplication: fails('The server refuses.') });
    await run.request('approveCutover');
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect(run.left.attention).toBe(
      'The replication task is still on the source; delete it there: The server refuses.',
    );
  });

  test('not where there was none', async () => {
    const planning = hold('plan');
    const run = await start('migrateDatabase', input, { holds: [planning] });
    await planning.begun;
    await run.request('abort');
    await run.failure();
    expect(deeds(run)).toEqual([]);
  });
});
