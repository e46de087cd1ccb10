/**
 * Keeps the indexes of the target like those of the source. Static definitions are put by the request that RavenDB's
 * clients use: a dump leaves fields of them out, and an import keeps what is locked without a word.
 */

import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import {
  type IndexDefinition,
  type IndexSide,
  indexChanges,
  indexKey,
  isEmpty,
  onlyOnTarget,
  stateChanges,
  unsupportedIndex,
} from '../../core/settings/indexes.ts';
import type { RavenConnection } from '../../ravendb/connection/connection.ts';
import { isRefusal } from '../../ravendb/connection/errors.ts';
import {
  copyAutomaticIndexes,
  deleteIndex,
  putIndexes,
  readIndexes,
  setIndexLock,
  setIndexPriority,
  setIndexState,
} from '../../ravendb/requests/indexes.ts';
import type { Work } from '../work/work.ts';

/** The two databases whose indexes are compared. */
export interface IndexedSides {
  from: RavenConnection;
  into: RavenConnection;
  source: string;
  target: string;
}

/** What could not be carried. */
export interface IndexSync {
  /** A line for each index that is not on the target, or not as on the source, and why. */
  warnings: string[];
  /** Keys (`indexKey`) of those that the target's server refused. */
  refused: ReadonlySet<string>;
}

/**
 * Makes the indexes of the target equal to those of the source: definitions, lock modes, priorities and states, and
 * deletes what the source has no more (not where the target may have indexes of its own). A few requests when nothing
 * has changed; may be repeated at any time.
 * @returns a line for each index that is not on the target, or not as on the source
 * @throws RavenError
 */
export async function syncIndexes(work: Work, { source, target }: MigrateDatabaseConfig): Promise<string[]> {
  const sides = {
    from: work.connection(source.connection),
    into: work.connection(target.connection),
    source: source.database,
    target: target.database,
  };
  const { warnings } = await carryIndexes(sides, !target.allowExistingData);
  return warnings;
}

/** The same for two open connections. @param mayRemove whether the target had no indexes of its own */
export async function carryIndexes(sides: IndexedSides, mayRemove: boolean): Promise<IndexSync> {
  const { from, into, source, target } = sides;
  const [there, here] = await Promise.all([sideOf(from, source), sideOf(into, target)]);
  const warnings = [...unsupported(there), ...paused(there)];
  if (!mayRemove) warnings.push(...leftThere(there, here));
  const changes = indexChanges(there, here, mayRemove);

  for (const name of changes.remove) await deleteIndex(into, target, name);
  if (changes.unlock.length > 0) await setIndexLock(into, target, changes.unlock, 'Unlock');
  const refused = await putAll(sides, changes.put);
  for (const { name, mode } of changes.lock) await setIndexLock(into, target, [name], mode);
  for (const { name, priority } of changes.priority) await setIndexPriority(into, target, [name], priority);

  const now = isEmpty(changes) ? here : await sideOf(into, target);
  const { disable, enable } = stateChanges(there, now);
  for (const name of disable) await setIndexState(into, target, name, 'disabled');
  for (const name of enable) await setIndexState(into, target, name, 'enabled');
  warnings.push(...refused.values());
  return { warnings, refused: new Set(refused.keys()) };
}

async function sideOf(connection: RavenConnection, database: string): Promise<IndexSide> {
  const none = new Set<string>();
  const side = await readIndexes(connection, database);
  return side ?? { definitions: [], disabled: none, partlyDisabled: none, paused: none };
}

/** Puts all that can be put. @returns why an index was refused, by its key */
async function putAll(sides: IndexedSides, indexes: IndexDefinition[]): Promise<Map<string, string>> {
  const fixed = indexes.filter(({ automatic }) => !automatic);
  const automatic = indexes.filter((index) => index.automatic);
  const refused = await putFixed(sides, fixed);
  if (automatic.length > 0) {
    const reason = await copyAutomatic(
      sides,
      automatic.map(({ Name }) => Name),
    );
    const now = new Set(
      (await sideOf(sides.into, sides.target)).definitions.map(({ Name }) => indexKey(Name)),
    );
    for (const { Name } of automatic) {
      if (!now.has(indexKey(Name))) refused.set(indexKey(Name), refusal(Name, reason));
    }
  }
  return refused;
}

/** One request for all; only when the server refuses that, one for each, to learn which it means. */
async function putFixed(
  { into, target }: IndexedSides,
  indexes: IndexDefinition[],
): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  if (indexes.length === 0) return refused;
  try {
    await putIndexes(into, target, indexes);
    return refused;
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  for (const index of indexes) {
    try {
      await putIndexes(into, target, [index]);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refused.set(indexKey(index.Name), refusal(index.Name, error.message));
    }
  }
  return refused;
}

/** @returns RavenDB's words about what it did not take, if it has any */
async function copyAutomatic({ from, into, source, target }: IndexedSides, names: string[]): Promise<string> {
  try {
    const warnings = await copyAutomaticIndexes(
      { connection: from, database: source },
      { connection: into, database: target },
      names,
    );
    return warnings.join(' ');
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return error.message;
  }
}

function refusal(name: string, reason: string): string {
  const advice = 'change it on the source, or create it on the target by hand';
  return `index "${name}": the target does not take it; ${advice}${reason && `. ${reason}`}`;
}

function unsupported({ definitions }: IndexSide): string[] {
  return definitions.flatMap((index) => {
    const why = unsupportedIndex(index);
    return why ? [`index "${index.Name}": ${why}`] : [];
  });
}

function paused({ definitions, paused }: IndexSide): string[] {
  return definitions
    .filter(({ Name }) => paused.has(indexKey(Name)))
    .map(
      ({ Name }) =>
        `index "${Name}": it is paused on the source, which a restart ends; it runs on the target`,
    );
}

function leftThere(there: IndexSide, here: IndexSide): string[] {
  return onlyOnTarget(there, here).map(
    (name) => `index "${name}": it is on the target only and was left there; delete it if nothing needs it`,
  );
}
