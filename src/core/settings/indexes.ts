/** What must be done so that the indexes of a target equal those of its source. */

/** An index definition of a database record; fields that a later RavenDB adds are kept as they are. */
export interface IndexDefinition {
  Name: string;
  /** Whether RavenDB made it for a query (`AutoIndexes` of the record). */
  automatic: boolean;
  LockMode?: string | null;
  Priority?: string | null;
  OutputReduceToCollection?: string | null;
  DeploymentMode?: string | null;
  [field: string]: unknown;
}

/** The indexes of one database. The sets hold names in lower case, because RavenDB ignores their case. */
export interface IndexSide {
  definitions: IndexDefinition[];
  /** Indexes that are disabled on every shard, or on the node that was asked. */
  disabled: ReadonlySet<string>;
  /** Indexes that are disabled on at least one shard. */
  partlyDisabled: ReadonlySet<string>;
  /** Indexes that are paused until somebody resumes them or the database is reloaded; the record does not say so. */
  paused: ReadonlySet<string>;
  /** Whether the database is not sharded, so that it accepts every index. */
  plain?: boolean;
}

/** The steps to equal indexes, in order. */
export interface IndexChanges {
  /** Names of indexes to delete. */
  remove: string[];
  /** Names of locked indexes whose definition changes. */
  unlock: string[];
  put: IndexDefinition[];
  lock: { name: string; mode: string }[];
  priority: { name: string; priority: string }[];
}

/** Fields that do not affect what an index does, or that are compared separately. */
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

/** Why a sharded database refuses an index; undefined if it accepts it. */
export function unsupportedIndex({
  OutputReduceToCollection,
  DeploymentMode,
}: IndexDefinition): string | undefined {
  if (OutputReduceToCollection)
    return 'a sharded database does not write the output of an index as documents';
  if (DeploymentMode === 'Rolling') return 'a sharded database does not support rolling deployment';
  return undefined;
}

/** Collections that an index writes: its output and the references to it. Their documents are never copied. */
export function outputCollections(index: IndexDefinition): { collection: string; index: string }[] {
  const { Name, OutputReduceToCollection: output, PatternReferencesCollectionName: references } = index;
  if (!output) return [];
  const named = index.PatternForOutputReduceToCollectionReferences
    ? [output, references ?? `${output}/References`]
    : [output];
  return named.map((collection) => ({ collection: String(collection), index: Name }));
}

/** The indexes of the source that the target accepts. */
function carriedIndexes({ definitions }: IndexSide, target?: IndexSide): IndexDefinition[] {
  return target?.plain ? definitions : definitions.filter((index) => !unsupportedIndex(index));
}

/**
 * What to change of definitions, lock modes and priorities; `stateChanges` follows for states.
 * @param mayRemove whether indexes that only the target has may be deleted: not if it had indexes of its own
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
      // RavenDB never changes an automatic index, and silently ignores a change of a locked one
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

/** Whether there is nothing to change. */
export function isEmpty(changes: IndexChanges): boolean {
  return Object.values(changes).every((steps) => steps.length === 0);
}

/** Names of indexes to disable and to enable, among those that both sides have. */
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

/** Names of indexes that only the target has, although the source could have them. */
export function onlyOnTarget(source: IndexSide, target: IndexSide): string[] {
  const wanted = byKey(carriedIndexes(source, target));
  const possible = target.plain && !source.plain ? carriedIndexes(target) : target.definitions;
  return possible.map(({ Name }) => Name).filter((name) => !wanted.has(indexKey(name)));
}

/** The differences of each index in a few words. */
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

/** The lock mode; `Unlock` by default and for automatic indexes. */
export function lockOf({ LockMode, automatic }: IndexDefinition): string {
  return automatic ? 'Unlock' : (LockMode ?? 'Unlock');
}

/** The priority; `Normal` by default. */
export function priorityOf({ Priority }: IndexDefinition): string {
  return Priority ?? 'Normal';
}

/**
 * Whether two definitions are equal. A field that the source's server does not know is not compared: the target's
 * server may have filled it in.
 */
export function sameDefinition(source: IndexDefinition, target: IndexDefinition): boolean {
  const fields = Object.keys(source).filter((field) => !NOT_DEFINING.has(field));
  return fields.every((field) => canonical(field, source[field]) === canonical(field, target[field]));
}

/** A field as text; RavenDB treats maps as a set. */
function canonical(field: string, value: unknown): string {
  if (field === 'Maps' && Array.isArray(value)) return JSON.stringify(value.toSorted());
  return JSON.stringify(withoutEmpty(value)) ?? '';
}

/** A value without unset fields and with sorted names, so that servers of different versions give the same text. */
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
