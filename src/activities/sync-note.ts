/** Where the last run of `syncDatabase` has brought a target, noted on the target itself. */
import type { MigrateDatabaseConfig } from '../core/contract.ts';
import type { Position } from '../core/progress.ts';
import type { Check } from '../core/report.ts';
import { databaseRecord } from '../ravendb/database.ts';
import { databaseCounts } from '../ravendb/statistics.ts';
import { type Environment, perform } from './environment.ts';
import { readNote, writeNote } from './target-notes.ts';
import type { Transfer } from './transfer.ts';

const NOTE = 'sync';

interface SyncNote {
  source: { connection: string; database: string };
  position: Position;
  at: string;
}

/** What is known of the last run. */
export interface LastSync {
  checks: Check[];
  /** Where it ended; null when there was none. */
  last: Position | null;
}

export function syncActivities(environment: Environment) {
  return {
    /** Reads the note, and checks it against the target. Changes nothing. */
    lastSync: ({ source, target }: MigrateDatabaseConfig): Promise<LastSync> =>
      perform(environment, async (run) => {
        const place = { connection: run.connection(target.connection), database: target.database };
        const nothing: LastSync = { checks: [], last: null };
        if (!(await databaseRecord(place.connection, place.database))) return nothing;
        const note = await readNote<SyncNote>(place, NOTE);
        if (!note) return nothing;
        const name = 'last run';
        if (note.source.database.toLowerCase() !== source.database.toLowerCase()) {
          const message =
            `target.database "${target.database}" is a copy of "${note.source.database}", not of ` +
            `"${source.database}"; name another target.`;
          return { checks: [{ name, status: 'blocker', message }], last: null };
        }
        const { documents } = await databaseCounts(place.connection, place.database);
        const message = `The last run ended at ${note.at}; the target holds ${documents} documents.`;
        return { checks: [{ name, status: 'ok', message }], last: note.position };
      }),

    /** Notes that the target holds all up to a position. */
    noteSync: ({ source, target, from }: Transfer): Promise<void> =>
      perform(environment, async (run) => {
        const note: SyncNote = { source, position: from, at: new Date().toISOString() };
        await writeNote(
          { connection: run.connection(target.connection), database: target.database },
          NOTE,
          note,
        );
      }),
  };
}
