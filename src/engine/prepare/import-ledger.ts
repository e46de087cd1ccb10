/** Which backup files a target holds, noted on the target itself. */

import type { Span } from '../../core/files/etag-spans.ts';
import { LEDGER } from '../../core/files/files.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { changeNote, readNote, removeNotes, writeNote } from './notes.ts';

const BEGUN = 'begun';

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
export interface PartialImport {
  file: string;
  bytes: number;
}

/** Which files a target holds; undefined when none was imported. @throws RavenError */
export async function readLedger(target: Database, name: string = LEDGER): Promise<Ledger | undefined> {
  return await readNote<Ledger>(target, name);
}

/**
 * Notes a file that is on the target.
 * @param startsChain whether it begins a new chain: what was noted before is forgotten
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

/** Notes that what a target holds is a part of a file, so that the same import may go on with it. @throws RavenError */
export async function notePartialImport(target: Database, { file, bytes }: PartialImport): Promise<void> {
  await writeNote(target, BEGUN, { file, bytes });
}

/** Of which file a target holds a part, if it held nothing else when that began. @throws RavenError */
export async function readPartialImport(target: Database): Promise<PartialImport | undefined> {
  return await readNote<PartialImport>(target, BEGUN);
}

/** Forgets it: the file is there as a whole. @throws RavenError */
export async function forgetPartialImport(target: Database): Promise<void> {
  await removeNotes(target, BEGUN);
}
