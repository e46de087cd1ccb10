/** Checks that a position which was read from the source is still valid. */

import { failures } from '../../core/contract/failures.ts';
import { countChanges, type Position } from '../../core/copy/position.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { storageStats } from '../../ravendb/requests/statistics.ts';
import { holdName, holdsTombstones } from '../../ravendb/requests/tombstones.ts';

/** How many changes lie between two positions. @throws RavenError when they are of different storages */
export function changesBetween(from: Position, to: Position): number {
  if (from.databaseId !== to.databaseId) throw sourceChanged();
  return countChanges(from, to);
}

/** Another node and a restored database have other etags. @throws RavenError that is not retryable */
export async function assertSameStorage(source: Database, from: Position): Promise<void> {
  const { databaseId } = await storageStats(source);
  if (databaseId !== from.databaseId) throw sourceChanged();
}

/**
 * A deletion whose tombstone was cleaned is in no delta.
 * @throws RavenError that is not retryable when that may have happened
 */
export async function assertTombstonesKept(source: Database, workflowId: string): Promise<void> {
  if (await holdsTombstones(source, holdName(workflowId))) return;
  throw new RavenError(
    'The disabled index that keeps the tombstones is gone from the source, or was enabled: deletions may be missing ' +
      'from the changes.',
    { kind: failures.tombstonesLost, retryable: false },
  );
}

function sourceChanged(): RavenError {
  return new RavenError(
    'Another node answers for the source, or it was restored: its etags are not those that the copy began with.',
    { kind: failures.sourceChanged, retryable: false },
  );
}
