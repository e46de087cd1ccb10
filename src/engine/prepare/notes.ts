/**
 * Notes that Shardlift keeps on a target, as compare exchange keys: which run writes into it, and which files it holds.
 * A note is deleted together with the database that it describes, and the servers decide which writer was first.
 */

import { OWN_KEY_PREFIX } from '../../core/contract/own-names.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import {
  type CompareExchangeItem,
  compareExchangeFrom,
  compareExchangeItem,
  deleteCompareExchange,
  putCompareExchange,
} from '../../ravendb/requests/cluster-items.ts';

/** Attempts to write a note that others change at the same time. */
const MAX_TRIES = 5;

/** Reads a note; undefined if it does not exist. @throws RavenError */
export async function readNote<T>(target: Database, name: string): Promise<T | undefined> {
  const item = await read(target, name);
  return item && noteIn<T>(item);
}

/** Reads a note; `remove` removes it unless it has changed since. Undefined if there is none. @throws RavenError */
export async function holdNote<T>(
  target: Database,
  name: string,
): Promise<{ note: T; remove(): Promise<void> } | undefined> {
  const item = await read(target, name);
  const remove = async () => {
    if (item) await deleteCompareExchange(target, item);
  };
  return item && { note: noteIn<T>(item), remove };
}

/** Reads the notes whose names begin with a prefix, in order. @throws RavenError */
export async function* readNotes<T>(target: Database, prefix: string): AsyncGenerator<T> {
  for await (const item of compareExchangeFrom(target, nameOf(prefix))) yield noteIn<T>(item);
}

/** Writes a note, or overwrites an existing one. @throws RavenError */
export async function writeNote(target: Database, name: string, note: object): Promise<void> {
  await changeNote(target, name, () => note);
}

/** Removes a note, if it exists. @throws RavenError */
export async function removeNote(target: Database, name: string): Promise<void> {
  await (await holdNote(target, name))?.remove();
}

/** Removes the notes whose names begin with a prefix, which ends with a slash. @throws RavenError */
export async function removeNotes(target: Database, prefix: string): Promise<void> {
  const items: CompareExchangeItem[] = [];
  for await (const item of compareExchangeFrom(target, nameOf(prefix))) items.push(item);
  for (const item of items) await deleteCompareExchange(target, item);
}

/** RavenDB stores keys in lower case. */
function nameOf(name: string): string {
  return `${OWN_KEY_PREFIX}${name}`.toLowerCase();
}

/**
 * Replaces a note with what `next` makes of it. Reads the note again if others change it meanwhile.
 * @throws RavenError, and what `next` throws
 */
export async function changeNote<T extends object>(
  target: Database,
  name: string,
  next: (note: T | undefined) => T | Promise<T>,
): Promise<void> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const item = await read(target, name);
    const before = item && noteIn<T>(item);
    const after = await next(before);
    if (after === before || (await write(target, name, after, item?.index ?? 0))) return;
  }
  throw contested(target.name);
}

async function read(target: Database, name: string): Promise<CompareExchangeItem | undefined> {
  return await compareExchangeItem(target, nameOf(name));
}

function noteIn<T>({ value }: CompareExchangeItem): T {
  return (JSON.parse(value) as { Object: T }).Object;
}

async function write(target: Database, name: string, note: object, index: number): Promise<boolean> {
  return await putCompareExchange(target, {
    key: nameOf(name),
    value: JSON.stringify({ Object: note }),
    index,
  });
}

function contested(database: string): RavenError {
  return new RavenError(`Others keep changing a note on "${database}".`, {
    kind: 'ConcurrencyException',
    retryable: true,
  });
}
