/**
 * What the cluster keeps under a database's name, in the moment in which that is closed. It cannot be read behind a fence, and
 * no number of the database tells all of it: cluster-wide transactions show in the Raft log alone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pair } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import { type ClusterMark, sameClusterItems } from '../../core/copy/position.ts';
import { parseUtc } from '../../core/text/format.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { waitingDocuments } from '../../ravendb/requests/cluster-transactions.ts';
import { closableRecord, type RaftLog, raftLog } from '../../ravendb/requests/fencing.ts';
import { clusterMark } from '../../ravendb/requests/statistics.ts';
import { syncClusterItems } from '../database-wide/cluster-items.ts';
import type { Work } from '../work/work.ts';

/** Commands that change compare exchange or identities, of whichever database: the log does not say of which. */
const MOVES = /ClusterTransaction|CompareExchange|Identit/;
const TRANSACTION = /ClusterTransaction/;
/** Those that change nothing but that. */
const ITEMS_ALONE = /ClusterTransaction|CompareExchange|Identit|CleanUp/;

/** The source serves meanwhile, so that looking again costs nobody anything. */
const MOST_LOOKS = 50;
const LOOK_AGAIN_MS = 20;
/** Within this the documents of a transaction follow, unless something keeps them from it. */
const TRANSACTION_MS = 200;
const MOST_OF_AN_ID = 80;

/**
 * Looks at a database right before it is closed, and brings what has moved to the other side once more, until there is a moment
 * in which nothing does.
 * @param mark where the other side stands
 * @returns what tells after it was closed whether anything has moved in between
 * @throws RavenError that is not retryable when there was no such moment, or something else has moved
 */
export async function settleCluster(
  { signal }: Pick<Work, 'signal'>,
  databases: Pair<Database>,
  { mark, allowExistingData }: { mark: ClusterMark; allowExistingData: boolean },
): Promise<{ assertStill(): Promise<void> }> {
  const { source } = databases;
  /** Of the log: all up to it is on the other side. */
  let reached: number | undefined;
  let waiting: string[] | undefined = [];
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    signal.throwIfAborted();
    const etag = await openEtag(source);
    const log = await raftLog(source.connection);
    assertItemsAlone(log, { since: mark.raftIndex, until: etag });
    if (reached !== undefined && !moveAfter(log, reached)) {
      // documents of transactions follow their compare exchange after a while, and only into an open database
      waiting = await waitingDocuments(source);
      if (waiting ? waiting.length === 0 : isQuiet(log)) return watchCluster(source, reached, etag);
      await sleep(LOOK_AGAIN_MS, undefined, { signal });
      continue;
    }
    const isThere = reached === undefined && sameClusterItems(await clusterMark(source), mark);
    if (!isThere) await syncClusterItems(databases, allowExistingData);
    reached = log.committed;
  }
  throw waiting && waiting.length > 0 ? stuck(waiting) : moved('');
}

async function openEtag(source: Database): Promise<number> {
  const record = await closableRecord(source);
  if (record?.Disabled) throw moved('It was closed before.');
  return record?.EtagForBackup ?? 0;
}

/** @param reached index of the last command whose effect is on the other side @param etag of the record then */
export function watchCluster(
  source: Database,
  reached: number,
  etag: number,
): { assertStill(): Promise<void> } {
  const assertStill = async () => {
    const [log, record] = await Promise.all([raftLog(source.connection), closableRecord(source)]);
    assertReaches(log, reached);
    if ((record?.EtagForBackup ?? 0) !== etag) throw moved('Its record has changed.');
    const move = moveAfter(log, reached);
    if (move) throw moved(`The cluster has taken a ${move}.`);
  };
  return { assertStill };
}

/** Indexes and settings are not carried here. */
function assertItemsAlone(log: RaftLog, { since, until }: { since: number; until: number }): void {
  if (since === until) return;
  assertReaches(log, since);
  const other = log.commands.find(
    ({ Index, CommandType }) => Index > since && Index <= until && !ITEMS_ALONE.test(CommandType),
  );
  if (other) throw moved(`The cluster has taken a ${other.CommandType}.`);
}

function assertReaches({ commands }: RaftLog, index: number): void {
  if (Math.min(...commands.map(({ Index }) => Index)) > index + 1) throw moved('The log is too short.');
}

/** The first command after one that moves something. */
function moveAfter({ commands }: RaftLog, index: number): string | undefined {
  return commands.find(({ Index, CommandType }) => Index > index && MOVES.test(CommandType))?.CommandType;
}

/** Where nothing tells whether its documents are there: the last cluster-wide transaction is some time ago. */
function isQuiet({ commands, at }: RaftLog): boolean {
  const times = commands
    .filter(({ CommandType }) => TRANSACTION.test(CommandType))
    .map(({ CreateAt }) => parseUtc(CreateAt));
  return Math.max(0, ...times) + TRANSACTION_MS <= parseUtc(at);
}

function moved(how: string): RavenError {
  const what =
    'Compare exchange, identities, indexes or settings have changed in the moment of the freeze, or may have.';
  return new RavenError([what, how].join(' ').trim(), { kind: failures.clusterItemsMoved, retryable: false });
}

function stuck([first = '']: readonly string[]): RavenError {
  const id = first.length > MOST_OF_AN_ID ? `${first.slice(0, MOST_OF_AN_ID)}...` : first;
  return new RavenError(
    `RavenDB has accepted a cluster-wide transaction and cannot store its document "${id}"; those after it wait, too. ` +
      'Its log says why. A cutover with the freeze "quiet" leaves them out.',
    { kind: failures.notReady, retryable: false },
  );
}
