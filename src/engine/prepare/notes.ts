/**
 * What we note on a target itself, as keys of compare exchange: who writes into it, and which files it holds. A note
 * lives and dies with the database that it speaks of, and the servers decide who was first.
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

/** How often a note that others change at the same moment is read again. */
const MAX_TRIES = 5;

/** One note; undefined when it is not there. @throws RavenError */
export async function readNote<T>(target: Database, name: string): Promise<T | undefined> {
  const item = await read(target, name);
  return item && noteIn<T>(item);
}

/** One note, and the way to remove it unless it has been changed since. @throws RavenError */
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

/** The notes whose names begin so, in order. @throws RavenError */
export async function* readNotes<T>(target: Database, prefix: string): AsyncGenerator<T> {
  for await (const item of compareExchangeFrom(target, nameOf(prefix))) yield noteIn<T>(item);
}

/** Writes a note, over one that may be there. @throws RavenError */
export async function writeNote(target: Database, name: string, note: object): Promise<void> {
  await changeNote(target, name, () => note);
}

/** Removes the notes whose names begin so. @throws RavenError */
export async function removeNotes(target: Database, prefix: string): Promise<void> {
  const items: CompareExchangeItem[] = [];
  for await (const item of compareExchangeFrom(target, nameOf(prefix))) items.push(item);
  for (const item of items) await deleteCompareExchange(target, item);
}

/** RavenDB keeps keys in lower case. */
function nameOf(name: string): string {
  return `${OWN_KEY_PREFIX}${name}`.toLowerCase();
}

/**
 * Writes what a note shall be, from what it is; one that others change meanwhile is read again.
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
  return new RavenError(`A note on "${database}" is being changed by others again and again.`, {
    kind: 'ConcurrencyException',
    retryable: true,
  });
}
