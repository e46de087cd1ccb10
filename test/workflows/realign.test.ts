/** What a migration does when the source can no longer tell what has changed on it. */
import { describe, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import { fails } from './support/failing.ts';
import { equal, healthy, POSITION } from './support/healthy.ts';
import { byMethod, migration } from './support/inputs.ts';
import { finds } from './support/migration.ts';
import { type Run, start } from './support/run.ts';

const lost = fails('Tombstones were deleted.', 'TombstonesLost');
const moved = fails('The source is another storage now.', 'SourceChanged');
const ELSEWHERE = { ...POSITION, etag: 7, databaseId: 'OTHER' };

/** Rounds, of which the first one of a kind fails. */
function rounds(kind: string, failure: () => Promise<never>): Activities['catchUp'] {
  let done = false;
  return (asked) => {
    if (asked.until !== kind || done) return healthy.catchUp(asked);
    done = true;
    return failure();
  };
}

/** Positions that are read one after another. */
function positions(...read: (typeof POSITION)[]): Activities['readPosition'] {
  let at = 0;
  return async () => read[Math.min(at++, read.length - 1)] ?? POSITION;
}

/** A migration that waits for its approval after all. */
async function waiting(activities: Partial<Activities>, input: unknown = migration): Promise<Run> {
  const run = await start('migrateDatabase', input, { activities });
  await run.reaches('awaiting-approval');
  return run;
}

/** A migration whose source has failed while it waited for the approval, and which waits again. */
async function waitingAgain(activities: Partial<Activities>): Promise<Run> {
  const run = await start('migrateDatabase', migration, { activities });
  await run.calledFor('verifyMigration', 2);
  await run.reaches('awaiting-approval');
  return run;
}

describe('lost tombstones', () => {
  const activities = () => ({ catchUp: rounds('close', lost) });

  test('are noted, and those of now are kept', async () => {
    const run = await waiting(activities());
    expect(await run.notes()).toContainEqual(expect.stringMatching(/^Tombstones were deleted\. ./));
    expect(run.asked('holdTombstones')).toHaveLength(2);
  });

  test('make it delete on the target what the source no longer has, and nothing else', async () => {
    const run = await waiting({
      ...activities(),
      deleteSurplusDocuments: async () => '3 documents were deleted.',
    });
    expect(run.asked('deleteSurplusDocuments')).toMatchObject([{ anew: false, from: POSITION }]);
    expect(await run.notes()).toContain('3 documents were deleted.');
  });

  test('leave the etags valid: the round begins where the last one stood, and nothing is copied again', async () => {
    const run = await waiting(activities());
    expect(run.asked('copyPiece')).toHaveLength(1);
    expect(run.asked('catchUp').slice(0, 2)).toMatchObject([
      { until: 'close', from: POSITION },
      { until: 'close', from: POSITION },
    ]);
  });

  test('are told to the comparison, until one has found no difference', async () => {
    const run = await waiting({
      ...activities(),
      verifyMigration: finds(equal({ lagging: 1 }), equal(), equal()),
    });
    await run.request('approveCutover');
    await run.calledFor('verifyMigration', 2);
    await run.result();
    expect(run.asked('verifyMigration').map(({ deletionsLost }) => deletionsLost)).toEqual([true, true]);
    expect(run.asked('planComparison')).toHaveLength(2);
  });

  test('are told to no later comparison', async () => {
    const run = await waiting(activities());
    await run.request('approveCutover');
    await run.result();
    expect(run.asked('verifyMigration').map(({ deletionsLost }) => deletionsLost)).toEqual([true, false]);
  });

  test('while the approval is awaited lead back over a comparison', async () => {
    const run = await waitingAgain({ catchUp: roundsWhileWaiting(lost) });
    expect(run.asked('deleteSurplusDocuments')).toMatchObject([{ anew: false }]);
    expect(run.asked('copyPiece')).toHaveLength(1);
  });

  test('in the middle of the copy, too', async () => {
    const run = await waiting({
      planCopy: async () => ({
        stages: [[{ kind: 'CounterGroups', from: 0, before: 101 }]],
        totalItems: 3,
      }),
      catchUp: rounds('carried', lost),
    });
    expect(run.asked('deleteSurplusDocuments')).toMatchObject([{ anew: false }]);
    // the copy goes on where it stood: its etags are valid still
    expect(run.asked('planCopy')).toHaveLength(1);
  });
});

/** The failure shows to the one that follows, and to the round after it. */
function roundsWhileWaiting(failure: () => Promise<never>): Activities['catchUp'] {
  let [rounds, failed] = [0, 0];
  return (asked) => {
    rounds++;
    if (rounds === 1 || failed === 2) return healthy.catchUp(asked);
    failed++;
    return failure();
  };
}

describe('another storage', () => {
  const activities = () => ({
    catchUp: rounds('close', moved),
    readPosition: positions(POSITION, ELSEWHERE),
  });

  test('is noted, and all is copied again from where it stands', async () => {
    const run = await waiting(activities());
    expect(await run.notes()).toContainEqual(expect.stringMatching(/^The source is another storage now\./));
    expect(run.asked('planCopy').map(({ from }) => from)).toEqual([POSITION, ELSEWHERE]);
    expect(run.asked('copyPiece')).toHaveLength(2);
  });

  test('makes it delete on the target what the source does not have, whatever its etag', async () => {
    const run = await waiting(activities());
    expect(run.asked('deleteSurplusDocuments')).toMatchObject([{ anew: true, from: ELSEWHERE }]);
  });

  test('keeps the tombstones there', async () => {
    const run = await waiting(activities());
    const order = run.calls.filter((name) =>
      ['holdTombstones', 'readPosition', 'deleteSurplusDocuments', 'planCopy'].includes(name),
    );
    const once = ['holdTombstones', 'readPosition'];
    expect(order).toEqual([...once, 'planCopy', ...once, 'deleteSurplusDocuments', 'planCopy']);
  });

  test('while the approval is awaited leads back over a copy and a comparison', async () => {
    const run = await waitingAgain({
      catchUp: roundsWhileWaiting(moved),
      readPosition: positions(POSITION, ELSEWHERE),
    });
    expect(run.asked('copyPiece')).toHaveLength(2);
    expect(run.asked('deleteSurplusDocuments')).toMatchObject([{ anew: true }]);
  });

  test('that loses its tombstones before the second copy is copied again all the same', async () => {
    let copies = 0;
    const run = await waiting({
      ...activities(),
      planCopy: (asked) => (++copies === 2 ? lost() : healthy.planCopy(asked)),
    });
    expect(run.asked('deleteSurplusDocuments')).toMatchObject([{ anew: true }, { anew: true }]);
    expect(run.asked('copyPiece')).toHaveLength(2);
  });

  test('shows in the phases: it is copying again', async () => {
    const run = await waiting(activities());
    expect((await run.report()).timings.map(({ phase }) => phase)).toEqual([
      ...['planning', 'preparing', 'copying', 'catching-up'],
      ...['copying', 'catching-up', 'verifying', 'awaiting-approval'],
    ]);
  });

  test('by dump writes another dump', async () => {
    const run = await waiting(activities(), byMethod.dump);
    expect(run.asked('exportDump').map(({ from }) => from.databaseId)).toEqual(['SOURCE', 'OTHER']);
    expect(run.asked('removeDump')).toHaveLength(2);
  });

  test('by replication begins the replication again from nothing', async () => {
    const run = await waiting(activities(), byMethod.replication);
    expect(run.asked('startReplication').map(({ from }) => from)).toEqual([
      { ...POSITION, etag: 0 },
      { ...ELSEWHERE, etag: 0 },
    ]);
  });

  test('by backup ends the migration: the files are not of it', async () => {
    const run = await start('migrateDatabase', byMethod.backup, { activities: activities() });
    const { type, message } = await run.failure();
    expect(type).toBe('PlanBlocked');
    expect(message).toMatch(/The backup does not match source\.database "shop".*Use method "stream"/);
  });
});
