/** The position that the last run of `syncDatabase` reached, as a note on the target. */

import type { DatabaseRef, MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Position } from '../../core/copy/position.ts';
import type { Transfer } from '../../core/copy/transfer.ts';
import { blocker, type Check, ok } from '../../core/plan/check.ts';
import { databaseRecord } from '../../ravendb/requests/databases.ts';
import { databaseCounts } from '../../ravendb/requests/statistics.ts';
import type { Work } from '../work/work.ts';
import { readNote, writeNote } from './notes.ts';

const NOTE = 'sync';

interface SyncNote {
  source: DatabaseRef;
  /** Null until the first run has ended. */
  position: Position | null;
  at: string;
  /** Whether the target may contain other documents: a run was allowed to keep them. */
  shared: boolean;
  /** Time of a cutover: from then on the target serves. */
  cutOverAt?: string;
}

/** What is known about the last run. */
export interface LastSync {
  checks: Check[];
  /** The position that it reached; null if no run has ended. */
  last: Position | null;
  /** Whether a run has begun, so that existing documents are not a reason to refuse. */
  begun: boolean;
  shared: boolean;
}

/** Reads the note, and checks it against the target. Changes nothing. */
export async function readLastSync(work: Work, { source, target }: MigrateDatabaseConfig): Promise<LastSync> {
  const database = work.database(target);
  const nothing: LastSync = { checks: [], last: null, begun: false, shared: false };
  if (!(await databaseRecord(database))) return nothing;
  const note = await readNote<SyncNote>(database, NOTE);
  if (!note) return nothing;
  const name = 'last run';
  if (note.source.database.toLowerCase() !== source.database.toLowerCase()) {
    const message =
      `target.database "${target.database}" is a copy of "${note.source.database}", not of ` +
      `"${source.database}"; name another target.`;
    return { ...nothing, checks: [blocker(name, message)] };
  }
  if (note.cutOverAt !== undefined) {
    const message =
      `target.database "${target.database}" serves since the cutover at ${note.cutOverAt}: another run would overwrite what ` +
      'was written there since. End the schedule that starts it.';
    return { ...nothing, checks: [blocker(name, message)] };
  }
  const { documents } = await databaseCounts(database);
  const what = note.position ? 'The last run ended at' : 'The first run began, but did not end, at';
  const message = `${what} ${note.at}; the target holds ${documents} documents.`;
  const checks: Check[] = [ok(name, message)];
  return { checks, last: note.position, begun: true, shared: note.shared };
}

/** Keeps later runs from overwriting a target that serves from now on. @throws RavenError */
export async function markServing(work: Work, target: DatabaseRef): Promise<void> {
  const database = work.database(target);
  const note = await readNote<SyncNote>(database, NOTE);
  if (note) await writeNote(database, NOTE, { ...note, cutOverAt: new Date().toISOString() });
}

/** Records the position of the target; null when the first run begins. */
export async function recordSync(
  work: Work,
  { source, target, from }: Omit<Transfer, 'from'> & { from: Position | null },
): Promise<void> {
  const at = new Date().toISOString();
  const note: SyncNote = { source, position: from, at, shared: target.allowExistingData };
  await writeNote(work.database(target), NOTE, note);
}
