/** What has to be done so that the indexes of a target are those of its source. */

/** An index definition as a database record has it; what RavenDB adds to it one day travels as it is. */
export interface IndexDefinition {
  Name: string;
  /** Of the record's `AutoIndexes`: RavenDB made it for a query. */
  automatic: boolean;
  LockMode?: string | null;
  Priority?: string | null;
  OutputReduceToCollection?: string | null;
  DeploymentMode?: string | null;
  [field: string]: unknown;
}

/** The indexes of one database. Names are in lower case where they are keys: RavenDB takes them in any case. */
export interface IndexSide {
  definitions: IndexDefinition[];
  /** Disabled on every shard, or on the node that was asked. */
  disabled: ReadonlySet<string>;
  /** Disabled on one shard at least. */
  partlyDisabled: ReadonlySet<string>;
  /** Paused until somebody resumes them or the database is loaded again; no part of any record. */
  paused: ReadonlySet<string>;
  /** Whether the database is not sharded, so that it takes every index. */
  plain?: boolean;
}

/** Steps to equality, in the order in which they are done. */
export interface IndexChanges {
  /** Names of indexes that are on the target only. */
  remove: string[];
  /** Names of locked indexes that get another definition. */
  unlock: string[];
  put: IndexDefinition[];
  lock: { name: string; mode: string }[];
  priority: { name: string; priority: string }[];
}

/** Fields that are no part of what an index does, or that are compared by themselves. */
const NOT_DEFINING = new Set([
  'Name',
  'automatic',
  'ClusterState',
  'State',
  'Type',
  'LockMode',
  'Priority',
  'DeploymentMode',
  'ReduceOutputIndex',
]);

/** The key of an index's name. */
export function indexKey(name: string): string {
  return name.toLowerCase();
}

/** Why a sharded database does not take an index, or undefined when it should. */
export function unsupportedIndex({
  OutputReduceToCollection,
  DeploymentMode,
}: IndexDefinition): string | undefined {
  if (OutputReduceToCollection)
    return 'a sharded database does not write the output of an index as documents';
  if (DeploymentMode === 'Rolling') return 'a sharded database does not support rolling deployment';
  return undefined;
}

/** Collections that an index writes documents into: its output, and the references to it. Never copied. */
export function outputCollections(index: IndexDefinition): { collection: string; index: string }[] {
  const { Name, OutputReduceToCollection: output, PatternReferencesCollectionName: references } = index;
  if (!output) return [];
  const named = index.PatternForOutputReduceToCollectionReferences
    ? [output, references ?? `${output}/References`]
    : [output];
  return named.map((collection) => ({ collection: String(collection), index: Name }));
}

/** The indexes of the source that belong on the target. */
export function carriedIndexes({ definitions }: IndexSide, target?: IndexSide): IndexDefinition[] {
  return target?.plain ? definitions : definitions.filter((index) => !unsupportedIndex(index));
}

/**
 * What to do about definitions, lock modes and priorities; states come after, by `stateChanges`.
 * @param mayRemove whether what is on the target only may go: not where the target had indexes of its own
 */
export function indexChanges(source: IndexSide, target: IndexSide, mayRemove: boolean): IndexChanges {
  const changes: IndexChanges = { remove: [], unlock: [], put: [], lock: [], priority: [] };
  const there = byKey(target.definitions);
  for (const index of carriedIndexes(source, target)) {
    const name = index.Name;
    const copy = there.get(indexKey(name));
    if (!copy) changes.put.push(index);
    else if (index.automatic !== copy.automatic) {
      changes.remove.push(copy.Name);
      changes.put.push(index);
    } else if (!sameDefinition(index, copy)) {
      // RavenDB never changes an automatic index, and drops a change of a locked one without a word
      if (index.automatic) changes.remove.push(copy.Name);
      else if (lockOf(copy) !== 'Unlock') changes.unlock.push(copy.Name);
      changes.put.push(index);
    } else {
      if (lockOf(index) !== lockOf(copy)) changes.lock.push({ name, mode: lockOf(index) });
      if (priorityOf(index) !== priorityOf(copy))
        changes.priority.push({ name, priority: priorityOf(index) });
    }
  }
  if (mayRemove) changes.remove.push(...onlyOnTarget(source, target));
  return changes;
}

/** Whether there is anything to do. */
export function isEmpty(changes: IndexChanges): boolean {
  return Object.values(changes).every((steps) => steps.length === 0);
}

/** Names of indexes to disable and to enable, of those that are on both sides. */
export function stateChanges(source: IndexSide, target: IndexSide): { disable: string[]; enable: string[] } {
  const there = byKey(target.definitions);
  const both = carriedIndexes(source, target)
    .map(({ Name }) => Name)
    .filter((name) => there.has(indexKey(name)));
  return {
    disable: both.filter(
      (name) => source.disabled.has(indexKey(name)) && !target.disabled.has(indexKey(name)),
    ),
    enable: both.filter(
      (name) => !source.disabled.has(indexKey(name)) && target.partlyDisabled.has(indexKey(name)),
    ),
  };
}

/** Names of indexes that the target has and the source has not, though it might. */
export function onlyOnTarget(source: IndexSide, target: IndexSide): string[] {
  const wanted = byKey(carriedIndexes(source, target));
  const possible = target.plain && !source.plain ? carriedIndexes(target) : target.definitions;
  return possible.map(({ Name }) => Name).filter((name) => !wanted.has(indexKey(name)));
}

/** What differs, index by index, in a few words each. */
export function indexDifferences(source: IndexSide, target: IndexSide): { name: string; what: string }[] {
  const there = byKey(target.definitions);
  const { disable, enable } = stateChanges(source, target);
  return carriedIndexes(source, target).flatMap((index) => {
    const name = index.Name;
    const copy = there.get(indexKey(name));
    if (!copy) return [{ name, what: 'is missing on the target' }];
    const differing = [
      sameDefinition(index, copy) ? '' : 'another definition',
      lockOf(index) === lockOf(copy) ? '' : `lock mode ${lockOf(copy)}, not ${lockOf(index)},`,
      priorityOf(index) === priorityOf(copy) ? '' : `priority ${priorityOf(copy)}, not ${priorityOf(index)},`,
    ].filter(Boolean);
    if (differing.length > 0) return [{ name, what: `has ${differing.join(' and ')} on the target` }];
    if (disable.includes(name)) return [{ name, what: 'is disabled on the source and not on the target' }];
    if (enable.includes(name)) return [{ name, what: 'is disabled on the target and not on the source' }];
    return [];
  });
}

/** `Unlock` unless it says something else; automatic indexes have no lock. */
export function lockOf({ LockMode, automatic }: IndexDefinition): string {
  return automatic ? 'Unlock' : (LockMode ?? 'Unlock');
}

/** `Normal` unless it says something else. */
export function priorityOf({ Priority }: IndexDefinition): string {
  return Priority ?? 'Normal';
}

/**
 * Whether two definitions index the same in the same way. A field that the source's server does not know yet is
 * not compared: the target's server may have filled it in.
 */
export function sameDefinition(source: IndexDefinition, target: IndexDefinition): boolean {
  const fields = Object.keys(source).filter((field) => !NOT_DEFINING.has(field));
  return fields.every((field) => canonical(field, source[field]) === canonical(field, target[field]));
}

/** Maps are a set to RavenDB. */
function canonical(field: string, value: unknown): string {
  if (field === 'Maps' && Array.isArray(value)) return JSON.stringify(value.toSorted());
  return JSON.stringify(withoutEmpty(value)) ?? '';
}

/** Without what is not set, names in order, so that servers of different versions write the same. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value))
    return value.length === 0 ? undefined : value.map((each) => withoutEmpty(each) ?? null);
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  const entries = Object.entries(value)
    .map(([name, each]) => [name, withoutEmpty(each)] as const)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function byKey(definitions: IndexDefinition[]): Map<string, IndexDefinition> {
  return new Map(definitions.map((index) => [indexKey(index.Name), index]));
}
