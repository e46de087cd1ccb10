/**
 * Whether anything moves that the cluster keeps under a database's name. It cannot be read while the name is closed, and no
 * number of the database tells all of it: cluster-wide transactions show in the Raft log alone.
 */
import { failures } from '../../core/contract/failures.ts';
import { type ClusterMark, sameClusterItems } from '../../core/copy/position.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { closableRecord, raftLog } from '../../ravendb/requests/fencing.ts';
import { clusterMark } from '../../ravendb/requests/statistics.ts';

/** Commands that change compare exchange or identities, of whichever database: the log does not say of which. */
const MOVES = /ClusterTransaction|CompareExchange|Identit/;

/**
 * Looks at a database right before it is closed.
 * @param mark where the other side stands
 * @returns what tells after it was closed whether anything has moved in between
 * @throws RavenError that is not retryable when something has moved since the mark, or may have
 */
export async function watchCluster(
  database: Database,
  mark: ClusterMark,
): Promise<{ assertStill(): Promise<void> }> {
  if ((await closableRecord(database))?.Disabled) throw moved('It was closed before.');
  const { last } = await raftLog(database.connection);
  const now = await clusterMark(database);
  if (!sameClusterItems(now, mark)) throw moved('');
  const assertStill = async () => {
    const [{ commands }, record] = await Promise.all([
      raftLog(database.connection),
      closableRecord(database),
    ]);
    if (Math.min(...commands.map(({ Index }) => Index)) > last + 1) throw moved('The log is too short.');
    if ((record?.EtagForBackup ?? 0) !== now.raftIndex) throw moved('Its record has changed.');
    const move = commands.find(({ Index, CommandType }) => Index > last && MOVES.test(CommandType));
    if (move) throw moved(`The cluster has taken a ${move.CommandType}.`);
  };
  return { assertStill };
}

function moved(how: string): RavenError {
  const what =
    'Compare exchange, identities, indexes or settings have changed in the moment of the freeze, or may have.';
  return new RavenError([what, how].join(' ').trim(), { kind: failures.clusterItemsMoved, retryable: false });
}
