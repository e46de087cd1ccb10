/**
 * Keeps the indexes of the target like those of the source. Static definitions are put by the request that RavenDB's
 * clients use: a dump leaves fields of them out, and an import keeps what is locked without a word.
 */

import type { Pair } from '../../core/contract/contract.ts';
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
import type { Database } from '../../ravendb/connection/database.ts';
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
import { allOrOneByOne } from '../work/one-by-one.ts';

/** What could not be carried. */
export interface IndexSync {
  /** A line for each index that is not on the target, or not as on the source, and why. */
  warnings: string[];
  /** Those among the lines that tell of an index which the target's server refused, by its key (`indexKey`). */
  refused: ReadonlyMap<string, string>;
}

/**
 * Makes the indexes of the target equal to those of the source: definitions, lock modes, priorities and states, and
 * deletes what the source has no more (not where the target may have indexes of its own). A few requests when nothing
 * has changed; may be repeated at any time.
 * @returns a line for each index that is not on the target, or not as on the source
 * @throws RavenError
 */
export async function syncIndexes(databases: Pair<Database>, allowExistingData: boolean): Promise<string[]> {
  const { warnings } = await alignIndexes(databases, !allowExistingData);
  return warnings;
}

/** The same, and which indexes the target's server refused. @param mayRemove whether the target had none of its own */
export async function alignIndexes(databases: Pair<Database>, mayRemove: boolean): Promise<IndexSync> {
  const { source, target } = databases;
  const [there, here] = await Promise.all([sideOf(source), sideOf(target)]);
  const warnings = [...unsupported(there), ...paused(there)];
  if (!mayRemove) warnings.push(...leftThere(there, here));
  const changes = indexChanges(there, here, mayRemove);

  for (const name of changes.remove) await deleteIndex(target, name);
  if (changes.unlock.length > 0) await setIndexLock(target, changes.unlock, 'Unlock');
  const refused = await putAll(databases, changes.put);
  for (const { name, mode } of changes.lock) await setIndexLock(target, [name], mode);
  for (const { name, priority } of changes.priority) await setIndexPriority(target, [name], priority);

  const now = isEmpty(changes) ? here : await sideOf(target);
  const { disable, enable } = stateChanges(there, now);
  for (const name of disable) await setIndexState(target, name, 'disabled');
  for (const name of enable) await setIndexState(target, name, 'enabled');
  warnings.push(...refused.values());
  return { warnings, refused };
}

async function sideOf(database: Database): Promise<IndexSide> {
  const none = new Set<string>();
  const side = await readIndexes(database);
  return side ?? { definitions: [], disabled: none, partlyDisabled: none, paused: none };
}

/** Puts all that can be put. @returns why an index was refused, by its key */
async function putAll(databases: Pair<Database>, indexes: IndexDefinition[]): Promise<Map<string, string>> {
  const fixed = indexes.filter(({ automatic }) => !automatic);
  const automatic = indexes.filter((index) => index.automatic);
  const reasons = await allOrOneByOne(fixed, (some) => putIndexes(databases.target, [...some]));
  const refused = new Map([...reasons].map(([{ Name }, why]) => [indexKey(Name), refusal(Name, why)]));
  if (automatic.length > 0) {
    const names = automatic.map(({ Name }) => Name);
    const reason = await copyAutomatic(databases, names);
    const now = new Set((await sideOf(databases.target)).definitions.map(({ Name }) => indexKey(Name)));
    for (const { Name } of automatic) {
      if (!now.has(indexKey(Name))) refused.set(indexKey(Name), refusal(Name, reason));
    }
  }
  return refused;
}

/** @returns RavenDB's words about what it did not take, if it has any */
async function copyAutomatic(databases: Pair<Database>, names: string[]): Promise<string> {
  try {
    return (await copyAutomaticIndexes(databases, names)).join(' ');
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
