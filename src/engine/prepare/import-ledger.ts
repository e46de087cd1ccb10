/** Notes on the target which backup files it holds. */

import type { Span } from '../../core/files/etag-spans.ts';
import { LEDGER } from '../../core/files/files.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { changeNote, readNote, removeNote, writeNote } from './notes.ts';

const BEGUN = 'begun';

/** The backup files that a target holds. */
export interface Ledger {
  /** The database that the files are backups of. */
  database: string;
  /** Names of all files since the last full backup, in order of import. */
  files: string[];
  /** When the last file was imported, and how many documents the target had then. */
  at: string;
  documents: number;
  /** Etags of the items in the last file. */
  span: Span;
  /** Whether the target may hold other documents: an import was allowed to write next to them. */
  shared?: boolean;
}

/** The first file of an import into an empty target, until all of it is there. */
export interface PartialImport {
  file: string;
  bytes: number;
}

/** Reads which files a target holds; undefined when none was imported. @throws RavenError */
export async function readLedger(target: Database, name: string = LEDGER): Promise<Ledger | undefined> {
  return await readNote<Ledger>(target, name);
}

/**
 * Notes that a file is on the target.
 * @param startsChain whether the file begins a new chain: earlier files are forgotten
 * @throws RavenError
 */
export async function noteImported(
  target: Database,
  name: string,
  { file, startsChain, ...rest }: Omit<Ledger, 'files' | 'at'> & { file: string; startsChain: boolean },
): Promise<void> {
  await changeNote<Ledger>(target, name, (ledger) => {
    const before = startsChain ? [] : (ledger?.files ?? []);
    const files = before.includes(file) ? before : [...before, file];
    const shared = rest.shared || ledger?.shared;
    return { ...rest, files, at: new Date().toISOString(), ...(shared && { shared }) };
  });
}

/** Notes that the target holds a part of a file, so that the same import may continue. @throws RavenError */
export async function notePartialImport(target: Database, { file, bytes }: PartialImport): Promise<void> {
  await writeNote(target, BEGUN, { file, bytes });
}

/** Reads of which file a target holds a part, if it was empty when that import began. @throws RavenError */
export async function readPartialImport(target: Database): Promise<PartialImport | undefined> {
  return await readNote<PartialImport>(target, BEGUN);
}

/** Removes that note, because the whole file is on the target. @throws RavenError */
export async function forgetPartialImport(target: Database): Promise<void> {
  await removeNote(target, BEGUN);
}
