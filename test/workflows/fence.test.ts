/** A cutover behind a fence: what it does in which order, and what undoes it. */
import { describe, expect, test } from 'vitest';
import { defaultWorkflowTuning } from '../../src/core/contract/tuning.ts';
import { fails } from './support/failing.ts';
import { different, FENCE, type Verification } from './support/healthy.ts';
import { type Hold, hold } from './support/hold.ts';
import { migration } from './support/inputs.ts';
import { finds, migrationIn } from './support/migration.ts';
import { type Run, type StartOptions, start } from './support/run.ts';
import { world } from './support/world.ts';

/** Without a way back. */
const fenced = { ...migration, freeze: 'fence', observeFor: '0s' };
const IN_THE_CUTOVER = new Set([
  'prepareFence',
  'fenceSource',
  'drainFenced',
  'verifyBehindFence',
  'switchOver',
  'undoFence',
  'endFence',
  'releaseTombstones',
  'releaseTarget',
  'proveQuiet',
  'assertSourceUnchanged',
]);

async function approved({
  input = fenced,
  ...options
}: StartOptions & { input?: unknown } = {}): Promise<Run> {
  const run = await start('migrateDatabase', input, options);
  await run.reaches('awaiting-approval');
  await run.request('approveCutover');
  return run;
}

function cutover(run: Run): string[] {
  return run.calls.filter((name) => IN_THE_CUTOVER.has(name));
}

/** What each call gives, call by call; the last for ever. */
function each<T>(...answers: (() => Promise<T>)[]): () => Promise<T> {
  let call = 0;
  return () => (answers[Math.min(call++, answers.length - 1)] as () => Promise<T>)();
}

const moved = fails('A cluster-wide transaction came in between.', 'ClusterItemsMoved');

describe('a cutover behind a fence', () => {
  test('closes the source, carries and compares the rest, switches, and leaves the source closed', async () => {
    const run = await approved();
    expect(await run.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(cutover(run)).toEqual([
      'prepareFence',
      'fenceSource',
      'drainFenced',
      'verifyBehindFence',
      'switchOver',
      'endFence',
      'releaseTarget',
    ]);
    expect(run.asked('endFence')).toMatchObject([{ opens: false, plan: FENCE }]);
    expect(run.left.notes.map(({ text }) => text)).toEqual(
      expect.arrayContaining([expect.stringContaining('stays closed under its name')]),
    );
  });

  test('opens the source where that is wanted, and gives back its tombstones', async () => {
    const run = await approved({ input: { ...fenced, sourceAfterCutover: 'open' } });
    await run.result();
    expect(run.asked('endFence')).toMatchObject([{ opens: true }]);
    expect(cutover(run).slice(-3)).toEqual(['endFence', 'releaseTombstones', 'releaseTarget']);
  });

  test('compares with what was accepted, and with what the database as a whole has', async () => {
    // found by the comparison before, and accepted
    const found = different({ digest: 'abc' });
    const keys = [{ kind: 'compare exchange', id: 'a', what: 'is missing on the target' } as const];
    const { run } = await migrationIn('awaiting-approval', {
      input: fenced,
      activities: {
        verifyMigration: finds(found),
        prepareFence: async ({ from }) => ({
          plan: FENCE,
          position: from,
          differences: [...keys],
          writtenByIndexes: [],
        }),
        verifyBehindFence: async (): Promise<Verification> => different({ depth: 'changes', digest: 'def' }),
      },
    });
    await run.request('approveCutover', { by: 'ann', acceptDifferences: 'abc' });
    await run.calledFor('undoFence');
    expect(run.asked('verifyBehindFence')).toMatchObject([
      { clusterDifferences: keys, accepted: found.differences },
    ]);
    const { attention } = await run.reaches('awaiting-approval');
    expect(attention).toContain('The final verification found 1 difference');
  });

  test.each(['prepareFence', 'fenceSource', 'drainFenced', 'verifyBehindFence', 'switchOver'] as const)(
    'is undone when %s fails, and the migration waits again',
    async (name) => {
      const run = await approved({ activities: { [name]: fails('It is refused.', 'Refused') } });
      await run.until(
        'it is undone',
        async () => (await run.attention())?.includes('It is refused') ?? false,
      );
      const { phase, approval } = await run.reaches('awaiting-approval');
      expect({ phase, approval }).toEqual({ phase: 'awaiting-approval', approval: null });
      // where the fence was never planned there is nothing to undo
      expect(run.asked('undoFence')).toHaveLength(name === 'prepareFence' ? 0 : 1);
      expect(run.asked('endFence')).toEqual([]);
    },
  );

  test('stands when it is too late to undo it: the target serves', async () => {
    const run = await approved({
      activities: { switchOver: fails('The answer is lost.', 'Lost'), undoFence: async () => false },
    });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect(run.left.notes.map(({ text }) => text)).toContain(
      'The other side serves: it was too late to let writers in again.',
    );
  });

  test('is begun again at once when compare exchange has moved, a few times', async () => {
    const still = async () => 100;
    const run = await approved({ activities: { fenceSource: each<number>(moved, moved, still) } });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect(run.asked('fenceSource')).toHaveLength(3);
    expect(run.asked('undoFence')).toHaveLength(2);
    const attempts = run.asked('fenceSource').map(({ attempt }) => attempt);
    expect(new Set(attempts).size).toBe(3);
  });

  test('waits for another approval when it always has', async () => {
    const run = await approved({ activities: { fenceSource: moved } });
    await run.until('it is given up', async () => (await run.attention())?.includes('each time') ?? false);
    await run.reaches('awaiting-approval');
    expect(run.asked('fenceSource')).toHaveLength(5);
    expect(run.asked('undoFence')).toHaveLength(5);
  });

  test.each([
    ['fenceSource', 'freezing'],
    ['drainFenced', 'draining'],
    ['verifyBehindFence', 'final-verifying'],
  ] as const)('is undone by an abort in %s', async (name, phase) => {
    const working: Hold = hold(name);
    const run = await approved({ holds: [working] });
    await working.begun;
    await run.reaches(phase);
    await run.request('abort');
    expect((await run.failure()).type).toBe('Aborted');
    expect(cutover(run).slice(-3)).toEqual(['undoFence', 'releaseTombstones', 'releaseTarget']);
  });
});

test('what opens one of both sides is tried again within seconds, however long the server was away', async () => {
  const run = await approved({ activities: { drainFenced: fails('It differs.', 'VerificationFailed') } });
  await run.until('it is undone', async () => (await run.attention())?.includes('It differs') ?? false);
  const { events } = await run.handle.fetchHistory();
  const pauses = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    ['fenceSource', 'undoFence'].includes(scheduled?.activityType?.name ?? '')
      ? [Number(scheduled?.retryPolicy?.maximumInterval?.seconds)]
      : [],
  );
  expect(pauses).toHaveLength(2);
  // far less than the lease
  expect(Math.max(...pauses) * 1_000).toBeLessThan(defaultWorkflowTuning.leaseMs / 5);
});

describe('the lease of a fence', () => {
  async function leaseOf(run: Run) {
    const { client } = await world();
    const [attempt] = run.asked('fenceSource').map((order) => order.attempt);
    return client.workflow.getHandle(`${run.handle.workflowId}/fence/${attempt}`);
  }

  test('ends with the fence', async () => {
    const run = await approved();
    await run.result();
    await (await leaseOf(run)).result();
    expect(run.asked('undoFence')).toEqual([]);
  });

  test('undoes the fence of a migration that was terminated', async () => {
    const working = hold('drainFenced');
    const { client, performers } = await world();
    const run = await approved({ holds: [working] });
    await working.begun;
    const lease = await leaseOf(run);
    const undone: unknown[] = [];
    performers.set(lease.workflowId, async (_name, asked) => {
      undone.push(asked);
      return true;
    });
    await client.workflow.getHandle(run.handle.workflowId).terminate('lost');
    working.release();
    await lease.result();
    expect(undone).toMatchObject([{ plan: FENCE }]);
  });

  test('goes on while the migration is at work', async () => {
    const working = hold('drainFenced');
    const run = await approved({ holds: [working] });
    await working.begun;
    const lease = await leaseOf(run);
    await run.until('it was renewed', async () => {
      const { events = [] } = await lease.fetchHistory();
      return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length >= 2;
    });
    working.release();
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect(run.asked('undoFence')).toEqual([]);
  }, 60_000);
});
