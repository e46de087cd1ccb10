import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { syncIndexes } from '../../../src/engine/database-wide/indexes.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { readIndexes } from '../../../src/ravendb/requests/indexes.ts';
import { analyzer, putDocument } from '../../support/data/databases.ts';
import { ActivityBench } from '../../support/work/activities.ts';

let bench: ActivityBench;

beforeAll(async () => {
  bench = await ActivityBench.open();
});
afterAll(() => bench.close());

describe('indexes', () => {
  const users = (fields: string) => [`from d in docs.Users select new { ${fields} }`];

  async function stateOf(database: string) {
    const side = await readIndexes(new Database(bench.stack.raven, database));
    const definitions = (side?.definitions ?? []).map((index) => [
      index.Name,
      index.LockMode,
      index.Priority,
      index.Maps,
    ]);
    return { definitions, disabled: [...(side?.disabled ?? [])], partly: [...(side?.partlyDisabled ?? [])] };
  }

  async function expectEqual(): Promise<void> {
    const [ours, theirs] = [
      await readIndexes(new Database(bench.stack.raven, bench.source)),
      await readIndexes(new Database(bench.stack.raven, bench.target)),
    ];
    const shown = (side: typeof ours) =>
      Object.fromEntries(
        (side?.definitions ?? []).map((index) => [
          index.Name,
          [
            index.Maps,
            index.Fields,
            index.MapFields,
            index.Configuration,
            index.CompoundFields,
            index.LockMode ?? 'Unlock',
            index.Priority ?? 'Normal',
          ],
        ]),
      );
    expect(shown(theirs)).toEqual(shown(ours));
    expect(theirs?.disabled).toEqual(ours?.disabled);
    expect(theirs?.partlyDisabled).toEqual(ours?.disabled);
  }

  test('are kept as on the source: definitions, states, locks, priorities, deletions', async () => {
    await bench.databases({ withTarget: true });
    await putDocument(
      bench.stack.raven,
      bench.source,
      'users/1',
      '{"Name":"n","@metadata":{"@collection":"Users"}}',
    );
    const Indexes = [
      { Name: 'Locked', Maps: users('d.Name'), LockMode: 'LockedError', Priority: 'High' },
      {
        Name: 'Script',
        Maps: ['map("Users", u => ({ Name: u.Name }))'],
        Fields: { Name: { Indexing: 'Search' } },
      },
      {
        Name: 'Compound',
        Maps: users('d.A, d.B'),
        CompoundFields: [['A', 'B']],
        Configuration: { 'Indexing.Static.SearchEngineType': 'Corax' },
      },
      { Name: 'Off/Here', Maps: users('d.Off') },
      { Name: 'Off/Everywhere', Maps: users('d.Off') },
      { Name: 'Paused', Maps: users('d.Paused') },
    ];
    await bench.send('PUT', 'admin/indexes', { Indexes });
    await bench.send('GET', `queries?query=${encodeURIComponent("from Users where Name = 'n'")}`);
    await bench.send('POST', 'admin/indexes/disable?name=Off/Here');
    await bench.send('POST', 'admin/indexes/disable?name=Off/Everywhere&clusterWide=true');
    await bench.send('POST', 'admin/indexes/stop?name=Paused');

    const warnings = await syncIndexes(bench.both, false);
    expect(warnings).toEqual([expect.stringMatching(/"Paused".*paused/)]);
    await expectEqual();
    expect((await stateOf(bench.target)).disabled).toEqual(['off/here', 'off/everywhere']);

    const before = await bench.record(bench.target);
    await syncIndexes(bench.both, false);
    expect((await bench.record(bench.target)).Etag).toBe(before.Etag);

    // everything that an import would pass over
    await bench.send('POST', 'indexes/set-lock', { IndexNames: ['Locked'], Mode: 'LockedIgnore' });
    await bench.send('POST', 'indexes/set-priority', {
      IndexNames: ['Auto/Users/ByName', 'Script'],
      Priority: 'Low',
    });
    await bench.send('POST', 'admin/indexes/enable?name=Off/Here');
    await bench.send('POST', 'admin/indexes/disable?name=Auto/Users/ByName');
    await bench.send('DELETE', 'indexes?name=Compound');
    await syncIndexes(bench.both, false);
    await expectEqual();

    // a locked index with another definition, and a disabled one
    await bench.send('POST', 'indexes/set-lock', { IndexNames: ['Locked'], Mode: 'Unlock' });
    await bench.send('PUT', 'admin/indexes', {
      Indexes: [
        { Name: 'Locked', Maps: users('d.Changed'), LockMode: 'LockedError' },
        { Name: 'Off/Everywhere', Maps: users('d.Changed') },
      ],
    });
    // a changed index is replaced, and its state with it, once the new one has caught up
    await expect
      .poll(
        async () => {
          await syncIndexes(bench.both, false);
          return await expectEqual().then(
            () => 'equal',
            () => 'not yet',
          );
        },
        { timeout: 20_000 },
      )
      .toBe('equal');

    // somebody's hand on one shard
    await bench.send(
      'POST',
      'admin/indexes/disable?name=Script&nodeTag=A&shardNumber=1',
      undefined,
      bench.target,
    );
    await syncIndexes(bench.both, false);
    await expectEqual();
  });

  test('that a target had stay where it was there before, else they go', async () => {
    await bench.databases({ withTarget: true });
    await bench.send(
      'PUT',
      'admin/indexes',
      { Indexes: [{ Name: 'Own', Maps: users('d.Name') }] },
      bench.target,
    );
    expect(await syncIndexes(bench.both, true)).toEqual([expect.stringMatching(/"Own".*target only/)]);
    expect((await stateOf(bench.target)).definitions.map(([name]) => name)).toEqual(['Own']);
    expect(await syncIndexes(bench.both, false)).toEqual([]);
    expect((await stateOf(bench.target)).definitions).toEqual([]);
  });

  test('that the target refuses are named with its reason, and take no other with them', async () => {
    await bench.databases({ withTarget: true });
    await bench.send('PUT', 'admin/analyzers', { Analyzers: [analyzer('Own')] });
    await bench.send('PUT', 'admin/indexes', {
      Indexes: [
        {
          Name: 'Needs/Analyzer',
          Maps: users('d.Name'),
          Fields: { Name: { Indexing: 'Search', Analyzer: 'Own' } },
        },
        { Name: 'Fine', Maps: users('d.Name') },
        { Name: 'Rolling', Maps: users('d.Name'), DeploymentMode: 'Rolling' },
      ],
    });
    expect(await syncIndexes(bench.both, false)).toEqual([
      expect.stringMatching(/"Rolling".*rolling/),
      expect.stringMatching(/"Needs.Analyzer".*does not take it.*Cannot find analyzer type/),
    ]);
    expect((await stateOf(bench.target)).definitions.map(([name]) => name)).toEqual(['Fine']);
  });

  test('that write documents are named by the plan, with the documents that are not copied', async () => {
    await bench.databases({ withTarget: false });
    await putDocument(
      bench.stack.raven,
      bench.source,
      'users/1',
      '{"Name":"n","@metadata":{"@collection":"Users"}}',
    );
    const Totals = {
      Name: 'Totals',
      Maps: users('d.Name, Count = 1'),
      Reduce:
        'from r in results group r by r.Name into g select new { Name = g.Key, Count = g.Sum(x => x.Count) }',
      OutputReduceToCollection: 'UserTotals',
    };
    await bench.send('PUT', 'admin/indexes', { Indexes: [Totals] });
    await expect
      .poll(() => bench.send('GET', 'collections/stats'))
      .toMatchObject({ Collections: { UserTotals: 1 } });
    const { notCarried } = await bench.call('plan', bench.input());
    expect(notCarried).toEqual([
      expect.stringMatching(/^index "Totals": /),
      expect.stringMatching(/^collection "UserTotals": its 1 documents are written by index "Totals"/),
    ]);
  });
});
