import { describe, expect, test } from 'vitest';
import { parseMigrateDatabase, withChosen } from '../../../src/core/contract/contract.ts';
import { migrationSteps, notDone } from '../../../src/core/plan/steps.ts';

function input(fields: object = {}, target: object = {}) {
  const parsed = parseMigrateDatabase({
    source: { connection: 'prod', database: 'Shop' },
    target: { connection: 'prod', database: 'ShopSharded', shards: 3, ...target },
    freeze: 'fence',
    ...fields,
  });
  if (!parsed.ok) throw new Error(parsed.problem);
  return withChosen(parsed.value, undefined);
}

/** The end of the runbook, from the approval on, in a few words for each step. */
function endOf(fields: object = {}): Record<string, string[]> {
  const steps = migrationSteps(input(fields), false).slice(-6);
  return Object.fromEntries(
    steps.map(({ phase, does, source, target, human, downtime }) => [
      phase,
      [does, source, target, human ?? '', downtime ? 'downtime' : ''],
    ]),
  );
}

describe('the end of a migration behind a fence', () => {
  test('says what becomes of both sides, what a person does, and when nobody is served', () => {
    const { freezing, draining, 'final-verifying': proof, observing, completing } = endOf();
    expect(freezing).toEqual([
      'Closes the source, and opens its storage under another name. The whole downtime must fit into 30s, or the fence is undone.',
      'refuses every request, reads included',
      'gets the key "shardlift/fence"',
      '',
      'downtime',
    ]);
    expect(draining).toEqual([
      'Copies what has changed until the source was closed.',
      'is read under its other name',
      'gets the last changes',
      '',
      'downtime',
    ]);
    expect(proof).toEqual([
      'Compares everything that has changed on either side since the last full comparison.',
      'is read under its other name',
      'is compared',
      '',
      'downtime',
    ]);
    expect(observing).toEqual([
      'Carries what changes on the target back to the source for 24h, or until somebody completes it or rolls it back.',
      'stays closed; is written to under its other name',
      'serves; has an index that keeps the tombstones, like the one on the source',
      'Point the application at the target. Then `shardlift complete` or `shardlift roll-back`.',
      '',
    ]);
    expect(completing).toEqual([
      'Cleans up and writes the report.',
      'stays closed under its name, with the index',
      'loses the key "shardlift/claim"',
      '',
      '',
    ]);
  });

  test('asks for the approval first', () => {
    expect(endOf()['awaiting-approval']).toEqual([
      'Waits until approved, and keeps catching up. Then copies the last settings, and compares compare exchange, identities and indexes.',
      expect.stringMatching(/; gets locked against deletion$/),
      'gets the changes; then revisions, expiration, and tasks and subscriptions, which arrive disabled',
      'Approve (`shardlift approve`) or reject.',
      '',
    ]);
  });

  test('is at once where there is no way back, or the old database opens again', () => {
    expect(endOf({ observeFor: '0s' }).completing).toEqual([
      'Cleans up and writes the report.',
      'stays closed under its name, with the index',
      'loses the key "shardlift/claim"',
      'Point the application at the target.',
      'downtime',
    ]);
    expect(endOf({ sourceAfterCutover: 'open' }).completing).toEqual([
      'Looks for what has come to the source since the switch, cleans up, and writes the report.',
      'opens again; loses the index',
      'loses the key "shardlift/claim"; gets the key "shardlift/cutover", which says where the source stood',
      'Point the application at the target.',
      'downtime',
    ]);
  });
});

describe('the target of a migration', () => {
  const preparing = (target: object) =>
    migrationSteps(input({}, target), false).find(({ phase }) => phase === 'preparing')?.target;

  test('is created with its shards, and their copies where there are several', () => {
    const gets = '; gets the key "shardlift/claim", analyzers, sorters and connection strings';
    expect(preparing({})).toBe(`is created with 3 shards${gets}`);
    expect(preparing({ replicationFactor: 2 })).toBe(`is created with 3 shards, each on 2 nodes${gets}`);
    expect(preparing({ shards: undefined })).toBe(`is created with ? shards${gets}`);
  });

  test('is filled as fast as it may be', () => {
    const copying = (fields: object) =>
      migrationSteps(input(fields), false).find(({ phase }) => phase === 'copying')?.does;
    expect(copying({})).toBe("Copies in pieces through the workers' memory, directly into the shards.");
    expect(copying({ maxItemsPerSecond: 50 })).toContain('into the shards, at most 50 items a second.');
  });
});

describe('what a migration does not do', () => {
  test('is told by how writers are kept out', () => {
    expect(notDone(input())).toEqual([
      'Nothing is ever deleted from the source "Shop", which stays closed after the cutover.',
      'The application is not switched over, unless a hook does it: RavenDB refuses its requests to the source.',
      'Tasks and subscriptions are not enabled on the target, and subscription workers are not told where to start.',
      'The requests of the application are not checked: a sharded database does not support MoreLikeThis, ordering by score, JSON patch, moving and copying attachments, or loading documents of other shards in queries.',
    ]);
    expect(notDone(input({ sourceAfterCutover: 'open' }))[0]).toContain(
      'it is left as it is after the cutover',
    );
    expect(notDone(input({ freeze: 'quiet' }))[0]).toContain('it is left as it is after the cutover');
  });

  test('is more with data of others, and with replication', () => {
    const lines = notDone(input({ freeze: 'quiet', method: 'replication' }));
    expect(lines).toContain('maxItemsPerSecond and throttle have no effect on replication.');
    expect(notDone(input({}, { allowExistingData: true }))).toContain(
      'Other documents in "ShopSharded" are not deleted; those with the same id are overwritten.',
    );
  });
});
