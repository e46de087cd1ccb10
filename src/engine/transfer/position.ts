/** Whether what was read from the source once still holds. */

import { failures } from '../../core/contract/failures.ts';
import { countChanges, type Position } from '../../core/copy/position.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { storageStats } from '../../ravendb/requests/statistics.ts';
import { holdName, holdsTombstones } from '../../ravendb/requests/tombstones.ts';

/** Changes from one position to another. @throws RavenError when they are of different storages */
export function changesBetween(from: Position, to: Position): number {
  if (from.databaseId !== to.databaseId) throw sourceChanged();
  return countChanges(from, to);
}

/** Etags of another node, or of a restored database, are other ones. @throws RavenError for good */
export async function assertSameStorage(source: Database, from: Position): Promise<void> {
  const { databaseId } = await storageStats(source);
  if (databaseId !== from.databaseId) throw sourceChanged();
}

/** A deletion whose tombstone was cleaned is in no delta. @throws RavenError for good when that may have happened */
export async function assertTombstonesKept(source: Database, workflowId: string): Promise<void> {
  if (await holdsTombstones(source, holdName(workflowId))) return;
  throw new RavenError(
    'The disabled index that keeps the tombstones is gone from the source, or was enabled: deletions may be missing ' +
      'from what changed.',
    { kind: failures.tombstonesLost, retryable: false },
  );
}

function sourceChanged(): RavenError {
  return new RavenError(
    'The source is answered by another node, or was restored: its etags are not those that the copy began with.',
    { kind: failures.sourceChanged, retryable: false },
  );
}
