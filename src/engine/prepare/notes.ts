/**
 * What we note on a target itself, as keys of compare exchange: who writes into it, and which files it holds. A note
 * lives and dies with the database that it speaks of, and the servers decide who was first.
 */

import { OWN_KEY_PREFIX } from '../../core/contract/own-names.ts';
import type { Span } from '../../core/files/etag-spans.ts';
import { LEDGER } from '../../core/files/files.ts';
import type { RavenConnection } from '../../ravendb/connection/connection.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import {
  type CompareExchangeItem,
  compareExchangeFrom,
  compareExchangeItem,
  deleteCompareExchange,
  putCompareExchange,
} from '../../ravendb/requests/cluster-items.ts';

const BEGUN = 'begun';

/** How often a note that others change at the same moment is read again. */
const TRIES = 5;

/** Which backup files are on a target. */
export interface Ledger {
  /** The database that the files are backups of. */
  database: string;
  /** Names of all files since the last full backup, in the order of their import. */
  files: string[];
  /** When the last one was imported, and how many documents the target had then. */
  at: string;
  documents: number;
  /** Etags of what the last one holds. */
  span: Span;
  /** Whether the target may hold documents of others: an import was allowed to write beside them. */
  shared?: boolean;
}

/** The first file of an import into an empty target, until it is there as a whole. */
export interface Begun {
  file: string;
  bytes: number;
}

/** Where notes are kept. */
export interface Place {
  connection: RavenConnection;
  database: string;
}

/** Which files a target holds; undefined when none was imported. @throws RavenError */
export async function readLedger(place: Place, name: string = LEDGER): Promise<Ledger | undefined> {
  return await readNote<Ledger>(place, name);
}

/**
 * Notes a file that is on the target.
 * @param anew whether it begins a new chain: what was noted before is forgotten
 * @throws RavenError
 */
export async function noteImported(
  place: Place,
  name: string,
  { file, anew, ...rest }: Omit<Ledger, 'files' | 'at'> & { file: string; anew: boolean },
): Promise<void> {
  await changeNote<Ledger>(place, name, (ledger) => {
    const before = anew ? [] : (ledger?.files ?? []);
    const files = before.includes(file) ? before : [...before, file];
    const shared = rest.shared || ledger?.shared;
    return { ...rest, files, at: new Date().toISOString(), ...(shared && { shared }) };
  });
}

/** Notes that what a target holds is a part of a file, so that the same import may go on with it. @throws RavenError */
export async function noteBegun(place: Place, { file, bytes }: Begun): Promise<void> {
  await writeNote(place, BEGUN, { file, bytes });
}

/** Of which file a target holds a part, if it held nothing else when that began. @throws RavenError */
export async function readBegun(place: Place): Promise<Begun | undefined> {
  return await readNote<Begun>(place, BEGUN);
}

/** Forgets it: the file is there as a whole. @throws RavenError */
export async function forgetBegun(place: Place): Promise<void> {
  await removeNotes(place, BEGUN);
}

/** One note; undefined when it is not there. @throws RavenError */
export async function readNote<T>(place: Place, name: string): Promise<T | undefined> {
  const item = await read(place, name);
  return item && noteIn<T>(item);
}

/** One note, and the way to remove it unless it has been changed since. @throws RavenError */
export async function holdNote<T>(
  place: Place,
  name: string,
): Promise<{ note: T; remove(): Promise<void> } | undefined> {
  const item = await read(place, name);
  const remove = async () => {
    if (item) await deleteCompareExchange(place.connection, place.database, item);
  };
  return item && { note: noteIn<T>(item), remove };
}

/** The notes whose names begin so, in order. @throws RavenError */
export async function* readNotes<T>({ connection, database }: Place, prefix: string): AsyncGenerator<T> {
  for await (const item of compareExchangeFrom(connection, database, nameOf(prefix))) yield noteIn<T>(item);
}

/** Writes a note, over one that may be there. @throws RavenError */
export async function writeNote(place: Place, name: string, note: object): Promise<void> {
  await changeNote(place, name, () => note);
}

/** Removes the notes whose names begin so. @throws RavenError */
export async function removeNotes({ connection, database }: Place, prefix: string): Promise<void> {
  const items: CompareExchangeItem[] = [];
  for await (const item of compareExchangeFrom(connection, database, nameOf(prefix))) items.push(item);
  for (const item of items) await deleteCompareExchange(connection, database, item);
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
  place: Place,
  name: string,
  next: (note: T | undefined) => T | Promise<T>,
): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const item = await read(place, name);
    const before = item && noteIn<T>(item);
    const after = await next(before);
    if (after === before || (await write(place, name, after, item?.index ?? 0))) return;
  }
  throw contested(place.database);
}

async function read({ connection, database }: Place, name: string): Promise<CompareExchangeItem | undefined> {
  return await compareExchangeItem(connection, database, nameOf(name));
}

function noteIn<T>({ value }: CompareExchangeItem): T {
  return (JSON.parse(value) as { Object: T }).Object;
}

async function write(
  { connection, database }: Place,
  name: string,
  note: object,
  index: number,
): Promise<boolean> {
  return await putCompareExchange(connection, database, {
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
