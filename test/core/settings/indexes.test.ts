import { describe, expect, test } from 'vitest';
import {
  type IndexDefinition,
  type IndexSide,
  indexChanges,
  indexDifferences,
  isEmpty,
  lockOf,
  onlyOnTarget,
  outputCollections,
  sameDefinition,
  stateChanges,
  unsupportedIndex,
} from '../../../src/core/settings/indexes.ts';

function index(Name: string, fields: Partial<IndexDefinition> = {}): IndexDefinition {
  return {
    Name,
    automatic: false,
    Maps: ['from d in docs.Users select new { d.Name }'],
    Reduce: null,
    Fields: {},
    Configuration: {},
    LockMode: null,
    Priority: null,
    ...fields,
  };
}

function side(
  definitions: IndexDefinition[],
  states: Partial<Record<'disabled' | 'partlyDisabled', string[]>> = {},
): IndexSide {
  const { disabled = [], partlyDisabled = disabled } = states;
  return {
    definitions,
    disabled: new Set(disabled),
    partlyDisabled: new Set(partlyDisabled),
    paused: new Set(),
  };
}

const nothing = { remove: [], unlock: [], put: [], lock: [], priority: [] };

describe('changes that make the indexes of a target equal', () => {
  test('none when they are: names in any case, what is not set in any form, maps in any order', () => {
    const source = side([
      index('Users/ByName', { Maps: ['b', 'a'], Fields: { Name: { Storage: null, Indexing: 'Search' } } }),
    ]);
    const target = side([
      index('users/byname', {
        Maps: ['a', 'b'],
        Fields: { Name: { Indexing: 'Search', Vector: null } },
        Configuration: null,
        LockMode: 'Unlock',
        Priority: 'Normal',
        ClusterState: { LastIndex: 7 },
        State: 'Normal',
        Type: 'Map',
      }),
    ]);
    expect(indexChanges(source, target, true)).toEqual(nothing);
    expect(isEmpty(indexChanges(source, target, true))).toBe(true);
    expect(indexDifferences(source, target)).toEqual([]);
  });

  test('a missing one is put, and so is a changed one', () => {
    const changed = index('B', { Reduce: 'from r in results select r' });
    const source = side([index('A'), changed]);
    expect(indexChanges(source, side([index('B')]), true)).toEqual({
      ...nothing,
      put: [index('A'), changed],
    });
  });

  test.each(['Fields', 'Configuration', 'AdditionalSources', 'CompoundFields'])(
    'a difference in %s counts, in either direction',
    (field) => {
      const more = index('A', { [field]: { x: 'y' } });
      const less = index('A', { [field]: {} });
      expect(indexChanges(side([more]), side([less]), true).put).toEqual([more]);
      expect(indexChanges(side([less]), side([more]), true).put).toEqual([less]);
    },
  );

  test('a field that the source does not know is what the target made of it', () => {
    expect(
      sameDefinition(index('A'), index('A', { ArchivedDataProcessingBehavior: 'IncludeArchived' })),
    ).toBe(true);
  });

  test('a locked one is unlocked before it is replaced: RavenDB would keep it without a word', () => {
    const target = side([index('A', { LockMode: 'LockedIgnore' })]);
    const changed = index('A', { Maps: ['other'], LockMode: 'LockedIgnore' });
    expect(indexChanges(side([changed]), target, true)).toEqual({
      ...nothing,
      unlock: ['A'],
      put: [changed],
    });
  });

  test('lock mode and priority change without the definition', () => {
    const source = side([index('A', { LockMode: 'LockedError', Priority: 'High' }), index('B')]);
    const target = side([index('A'), index('B', { LockMode: 'LockedIgnore', Priority: 'Low' })]);
    expect(indexChanges(source, target, true)).toEqual({
      ...nothing,
      lock: [
        { name: 'A', mode: 'LockedError' },
        { name: 'B', mode: 'Unlock' },
      ],
      priority: [
        { name: 'A', priority: 'High' },
        { name: 'B', priority: 'Normal' },
      ],
    });
  });

  test('an automatic one is replaced as a whole, and has no lock', () => {
    const automatic = (fields: Partial<IndexDefinition>) =>
      index('Auto/Users/ByName', { automatic: true, ...fields });
    const [before, now] = [
      automatic({ MapFields: { Name: {} } }),
      automatic({ MapFields: { Name: { Indexing: 'Search' } } }),
    ];
    expect(indexChanges(side([now]), side([before]), false)).toEqual({
      ...nothing,
      remove: ['Auto/Users/ByName'],
      put: [now],
    });
    expect(indexChanges(side([automatic({ LockMode: 'LockedError' })]), side([automatic({})]), true)).toEqual(
      nothing,
    );
  });

  test('one that RavenDB made gives way to one that a person wrote, and the other way round', () => {
    const [own, made] = [index('Users'), index('Users', { automatic: true })];
    expect(indexChanges(side([own]), side([made]), false)).toEqual({
      ...nothing,
      remove: ['Users'],
      put: [own],
    });
    expect(indexChanges(side([made]), side([own]), false)).toEqual({
      ...nothing,
      remove: ['Users'],
      put: [made],
    });
  });

  test('are some as soon as there is one step', () => {
    expect(isEmpty(nothing)).toBe(true);
    expect(isEmpty({ ...nothing, put: [index('A')] })).toBe(false);
    expect(isEmpty({ ...nothing, priority: [{ name: 'A', priority: 'High' }] })).toBe(false);
  });

  test('what the source has no more goes, unless the target may have indexes of its own', () => {
    const target = side([index('A'), index('Old')]);
    expect(indexChanges(side([index('A')]), target, true)).toEqual({ ...nothing, remove: ['Old'] });
    expect(indexChanges(side([index('A')]), target, false)).toEqual(nothing);
    expect(onlyOnTarget(side([index('A')]), target)).toEqual(['Old']);
  });

  test('what a sharded database does not support is neither put nor missed', () => {
    const source = side([
      index('Out', { OutputReduceToCollection: 'Totals' }),
      index('Rolling', { DeploymentMode: 'Rolling' }),
    ]);
    expect(source.definitions.map(unsupportedIndex)).toEqual([
      expect.stringMatching(/output/),
      expect.stringMatching(/rolling/),
    ]);
    expect(indexChanges(source, side([]), true)).toEqual(nothing);
    expect(indexDifferences(source, side([]))).toEqual([]);
    expect(outputCollections(index('Out', { OutputReduceToCollection: 'Totals' }))).toEqual([
      { collection: 'Totals', index: 'Out' },
    ]);
    expect(
      outputCollections(
        index('Out', {
          OutputReduceToCollection: 'Totals',
          PatternForOutputReduceToCollectionReferences: 'x/{At}',
        }),
      ).map(({ collection }) => collection),
    ).toEqual(['Totals', 'Totals/References']);
  });
});

describe('two definitions', () => {
  const same = (one: Partial<IndexDefinition>, other: Partial<IndexDefinition>) =>
    sameDefinition(index('A', one), index('A', other));

  test('are the same in whatever order the server writes its fields', () => {
    const options = { Storage: 'Yes', Indexing: 'Search' };
    expect(
      same({ Fields: { Name: options } }, { Fields: { Name: { Indexing: 'Search', Storage: 'Yes' } } }),
    ).toBe(true);
    expect(same({ Fields: { Name: options } }, { Fields: { Name: { ...options, Storage: 'No' } } })).toBe(
      false,
    );
  });

  test('are the same when only one says that something is not set', () => {
    expect(same({ Fields: { Name: { Storage: null } } }, { Fields: {} })).toBe(true);
    expect(same({ CompoundFields: [] }, { CompoundFields: null })).toBe(true);
    expect(same({ CompoundFields: [] }, {})).toBe(true);
  });

  test('differ in another value, and in the order of a list of anything but maps', () => {
    expect(same({ Reduce: 'one' }, { Reduce: 'other' })).toBe(false);
    expect(same({ GroupByFieldNames: ['a', 'b'] }, { GroupByFieldNames: ['b', 'a'] })).toBe(false);
    expect(same({ GroupByFieldNames: ['a'] }, { GroupByFieldNames: ['b'] })).toBe(false);
    expect(same({ GroupByFieldNames: ['a', null] }, { GroupByFieldNames: ['a'] })).toBe(false);
    expect(same({ GroupByFieldNames: ['a'] }, { GroupByFieldNames: ['a'] })).toBe(true);
  });

  test.each([
    [{ ClusterState: { LastIndex: 1 } }, { ClusterState: { LastIndex: 9 } }],
    [{ State: 'Normal' }, { State: 'Idle' }],
    [{ Type: 'Map' }, { Type: 'JavaScriptMap' }],
    [{ DeploymentMode: 'Parallel' }, { DeploymentMode: null }],
    [{ ReduceOutputIndex: 5 }, { ReduceOutputIndex: 6 }],
    [{ automatic: true }, { automatic: false }],
  ])('do not differ by what does not change the work of an index: %j, %j', (one, other) => {
    expect(same(one, other)).toBe(true);
  });

  test('of indexes that RavenDB made have no lock', () => {
    expect(lockOf(index('A', { automatic: true, LockMode: 'LockedError' }))).toBe('Unlock');
    expect(lockOf(index('A', { LockMode: 'LockedError' }))).toBe('LockedError');
  });
});

describe('a target that is not sharded', () => {
  const [plain, rolling] = [index('A'), index('R', { DeploymentMode: 'Rolling' })];
  const notSharded = (...definitions: IndexDefinition[]): IndexSide => ({
    ...side(definitions),
    plain: true,
  });

  test('accepts what a sharded one refuses', () => {
    expect(indexChanges(notSharded(plain, rolling), notSharded(plain), true)).toEqual({
      ...nothing,
      put: [rolling],
    });
    expect(onlyOnTarget(notSharded(plain), notSharded(plain, rolling))).toEqual(['R']);
  });

  test('has nothing too much that its sharded source cannot have', () => {
    expect(onlyOnTarget(side([plain]), notSharded(plain, rolling, index('Old')))).toEqual(['Old']);
  });
});

test('an index that writes no documents has no collections of its own', () => {
  expect(outputCollections(index('A', { PatternForOutputReduceToCollectionReferences: 'x/{At}' }))).toEqual(
    [],
  );
});

describe('states', () => {
  const both = [index('A'), index('B')];

  test('one that is disabled on the source is disabled on every shard', () => {
    const source = side(both, { disabled: ['a'] });
    const partly = side(both, { disabled: [], partlyDisabled: ['a'] });
    expect(stateChanges(source, side(both))).toEqual({ disable: ['A'], enable: [] });
    expect(stateChanges(source, partly)).toEqual({ disable: ['A'], enable: [] });
    expect(stateChanges(source, side(both, { disabled: ['a'] }))).toEqual({ disable: [], enable: [] });
  });

  test('one that runs on the source is enabled where any shard has it disabled', () => {
    const partly = side(both, { disabled: [], partlyDisabled: ['b'] });
    expect(stateChanges(side(both), partly)).toEqual({ disable: [], enable: ['B'] });
  });

  test('one that is not on the target has none', () => {
    expect(stateChanges(side(both, { disabled: ['a'] }), side([]))).toEqual({ disable: [], enable: [] });
  });
});

describe('differences', () => {
  test('say what differs', () => {
    const source = side(
      [
        index('A'),
        index('B', { Reduce: 'x', LockMode: 'LockedError' }),
        index('C', { Priority: 'Low' }),
        index('D'),
        index('E'),
      ],
      { disabled: ['d'] },
    );
    const target = side([index('B'), index('C'), index('D'), index('E')], { disabled: ['e'] });
    expect(indexDifferences(source, target)).toEqual([
      { name: 'A', what: 'is missing on the target' },
      { name: 'B', what: 'has another definition and lock mode Unlock, not LockedError, on the target' },
      { name: 'C', what: 'has priority Normal, not Low, on the target' },
      { name: 'D', what: 'is disabled on the source and not on the target' },
      { name: 'E', what: 'is disabled on the target and not on the source' },
    ]);
  });
});
