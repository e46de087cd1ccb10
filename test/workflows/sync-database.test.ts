/** A copy that is repeated: what each run carries, from where on, and what it leaves to the next. */
import { describe, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import type { SyncResult } from '../../src/core/run/results.ts';
import { fails } from './support/failing.ts';
import { different, equal, type Outcome, POSITION } from './support/healthy.ts';
import { migration } from './support/inputs.ts';
import { finds } from './support/migration.ts';
import { type Run, start } from './support/run.ts';

const EARLIER = { ...POSITION, etag: 50 };
const ELSEWHERE = { ...POSITION, etag: 7, databaseId: 'OTHER' };

/** A run, after what is known of earlier ones. */
async function syncAfter(
  known: Partial<Outcome<'readLastSync'>>,
  activities: Partial<Activities> = {},
): Promise<Run> {
  return await start('syncDatabase', migration, {
    activities: {
      readLastSync: async () => ({ checks: [], last: null, begun: false, shared: false, ...known }),
      ...activities,
    },
  });
}

/** The calls that carry something, in order. */
function carried(run: Run): string[] {
  const names = ['deleteSurplusDocuments', 'copyPiece', 'copyClusterItems', 'catchUp', 'verifyMigration'];
  return run.calls.filter((name) => names.includes(name));
}

describe('the first run', () => {
  test('copies everything, and says where the target stands', async () => {
    const run = await syncAfter({});
    expect(await run.result<SyncResult>()).toMatchObject({
      phase: 'completed',
      carried: 'everything',
      position: POSITION,
      documents: { source: 3, target: 3 },
    });
    expect(carried(run)).toEqual(['copyPiece', 'copyClusterItems', 'catchUp', 'verifyMigration']);
  });

  test('notes that it has begun before it copies, and its position after the comparison', async () => {
    const run = await syncAfter({});
    await run.result();
    expect(run.asked('recordSync').map(({ from }) => from)).toEqual([null, POSITION]);
    const noted = (nth: number) =>
      run.calls.flatMap((name, at) => (name === 'recordSync' ? [at] : []))[nth] ?? -1;
    expect(noted(0)).toBeLessThan(run.calls.indexOf('copyPiece'));
    expect(noted(1)).toBeGreaterThan(run.calls.indexOf('verifyMigration'));
  });

  test('neither waits for an approval nor freezes the source', async () => {
    const run = await syncAfter({});
    await run.result();
    expect(run.calls).not.toContain('proveQuiet');
    expect(run.left.timings.map(({ phase }) => phase)).toEqual([
      ...['planning', 'preparing', 'copying', 'catching-up', 'verifying', 'completing'],
    ]);
  });
});

describe('a later run', () => {
  test('carries what has changed since the last one, and deletes what the source no longer has', async () => {
    const run = await syncAfter({ last: EARLIER });
    expect(await run.result<SyncResult>()).toMatchObject({ carried: 'changes' });
    expect(carried(run)).toEqual(['catchUp', 'deleteSurplusDocuments', 'verifyMigration']);
    // between two runs nothing keeps the tombstones
    expect(run.asked('catchUp')).toMatchObject([{ from: EARLIER, until: 'close', deletionsLost: true }]);
    expect(run.asked('deleteSurplusDocuments')).toMatchObject([{ anew: false }]);
    expect(run.asked('verifyMigration')[0]?.deletionsLost).toBe(true);
  });

  test('does not unsay what the last one has noted, until it is done', async () => {
    const run = await syncAfter({ last: EARLIER });
    await run.result();
    expect(run.asked('recordSync').map(({ from }) => from)).toEqual([EARLIER]);
  });

  test('of another storage copies everything again, after what the source does not have was deleted', async () => {
    const run = await syncAfter({ last: EARLIER }, { readPosition: async () => ELSEWHERE });
    expect(await run.result<SyncResult>()).toMatchObject({ carried: 'everything', position: ELSEWHERE });
    expect(carried(run).slice(0, 2)).toEqual(['deleteSurplusDocuments', 'copyPiece']);
    expect(run.asked('deleteSurplusDocuments')).toMatchObject([{ anew: true, from: ELSEWHERE }]);
    expect(run.left.notes.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/another storage now/),
    );
  });

  test('after one that did not complete copies everything again, and says so', async () => {
    const run = await syncAfter({ begun: true });
    expect(await run.result<SyncResult>()).toMatchObject({ carried: 'everything' });
    expect(carried(run).slice(0, 2)).toEqual(['deleteSurplusDocuments', 'copyPiece']);
    expect(run.left.notes.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/No earlier run has completed/),
    );
  });

  test.each([
    { known: {}, allowed: false },
    { known: { begun: true }, allowed: true },
    { known: { last: EARLIER }, allowed: true },
    { known: { shared: true }, allowed: true },
  ])('with $known: the plan may find documents on the target: $allowed', async ({ known, allowed }) => {
    const run = await syncAfter(known);
    await run.result();
    expect(run.asked('plan')[0]?.target.allowExistingData).toBe(allowed);
  });

  test.each([true, false])(
    'takes documents of others for theirs, where they were allowed once: %s',
    async (shared) => {
      const run = await syncAfter({ last: EARLIER, shared });
      await run.result();
      const { target } = run.asked('deleteSurplusDocuments')[0] ?? {};
      expect(target?.allowExistingData).toBe(shared);
    },
  );
});

describe('a run that does not complete', () => {
  test('since the copy is of another database changes nothing', async () => {
    const check = { name: 'last run', status: 'blocker', message: 'It is a copy of "Other".' } as const;
    const run = await syncAfter({ checks: [check] });
    const { type, message } = await run.failure();
    expect(type).toBe('PlanBlocked');
    expect(message).toContain('It is a copy of "Other".');
    expect(run.calls).toEqual(['readLastSync', 'writeReport']);
  });

  test('since documents differ says which, and notes no position', async () => {
    const run = await syncAfter({}, { verifyMigration: finds(different()) });
    const { type, message } = await run.failure();
    expect(type).toBe('VerificationFailed');
    expect(message).toMatch(/The comparison found 1 difference, the first: document "items\/7"/);
    expect(run.asked('recordSync').map(({ from }) => from)).toEqual([null]);
  });

  test('but that some documents lag is no failure', async () => {
    const run = await syncAfter({}, { verifyMigration: finds(equal({ lagging: 2 })) });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
  });

  test('leaves nothing on the source and no claim, and says that the next run catches up', async () => {
    const run = await syncAfter({}, { copyPiece: fails('The disk is full.', 'DiskFull') });
    expect((await run.failure()).message).toMatch(
      /^The disk is full\. The source serves as before; the next run/,
    );
    expect(run.calls.slice(-3)).toEqual(['releaseTombstones', 'releaseTarget', 'writeReport']);
  });

  test.each([
    [false, true],
    [true, false],
  ])('when an earlier run has begun (%s) the target must be empty: %s', async (begun, mustBeEmpty) => {
    const run = await syncAfter({ begun });
    await run.result();
    expect(run.asked('claimTarget')).toMatchObject([{ mustBeEmpty }]);
  });

  test('since another run holds the target is refused', async () => {
    const run = await syncAfter({}, { claimTarget: fails('Another run is at work on it.', 'TargetBusy') });
    expect((await run.failure()).type).toBe('TargetBusy');
    expect(run.calls).not.toContain('recordSync');
  });
});
