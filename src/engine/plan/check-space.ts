/** Whether the disks have room: the target's servers, the source's, and the worker's. */

import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Check } from '../../core/plan/check.ts';
import { formatBytes } from '../../core/text/format.ts';
import { askEach } from '../../ravendb/connection/ask-each.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { type DatabaseRecord, shardNumbers } from '../../ravendb/requests/databases.ts';
import { freeSpace, type NodeSpace, type ServerInfo } from '../../ravendb/requests/server.ts';
import { storageStats, usedBytes } from '../../ravendb/requests/statistics.ts';
import { freeBytes } from '../../stores/worker-disk.ts';
import type { Work } from '../work/work.ts';

/** The target needs what the source's data takes, and beside it journals, scratch files and what indexing needs. */
const COMFORTABLE_FACTOR = 1.5;
/** A source server whose disk is as full as this is in danger by itself; the marks of deletions make it fuller. */
const LOW_BYTES = 1_000_000_000;

/** The target's server, as far as it is known. */
interface Target {
  database: Database;
  server: ServerInfo;
  record: DatabaseRecord | undefined;
}

/** @throws RavenError */
export async function checkSpace(
  { config }: Work,
  input: MigrateDatabaseConfig,
  source: Database,
  target: Target,
): Promise<Check[]> {
  const [used, there, ours, theirs] = await Promise.all([
    usedBytes(source),
    usedByTarget(target),
    freeSpace(source),
    freeSpace(target.database),
  ]);
  return [
    checkSourceDisk(ours),
    checkTargetDisk({ used, there, nodes: theirs, copies: copiesOf(input, target) }),
    await checkWorkerDisk(input.method, source, config.dumpDirectory),
  ];
}

/** Copies of each document, and nodes that they are spread over. */
function copiesOf({ target }: MigrateDatabaseConfig, { record, server }: Target) {
  const shards = Object.values(record?.Sharding?.Shards ?? {});
  const factor = shards[0]?.Members?.length ?? target.replicationFactor;
  const members = new Set(shards.flatMap(({ Members }) => Members ?? []));
  const nodes = members.size > 0 ? [...members] : server.nodes;
  const most = server.multiNodeSharding ? nodes.length : 1;
  return {
    factor,
    nodes: members.size > 0 ? members : undefined,
    spread: Math.max(1, Math.min(most, nodes.length)),
  };
}

/** What is there already need not be found room for. */
async function usedByTarget({ database, record }: Target): Promise<number> {
  if (!record) return 0;
  const sizes = await askEach(database.http.tuning, shardNumbers(record), (shard) =>
    usedBytes(database.shard(shard)),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function checkSourceDisk(nodes: NodeSpace[] | undefined): Check {
  const name = 'disk of the source';
  // it gets nothing but marks of deletions, so that this is no trouble
  if (!nodes) return { ...notLooked(name), status: 'ok' };
  const least = Math.min(...nodes.map((node) => node.freeBytes));
  const message = `${formatBytes(least)} free; it gets no data, but keeps marks of deletions until the end`;
  return least > LOW_BYTES
    ? { name, status: 'ok', message: `${message}.` }
    : {
        name,
        status: 'warning',
        message: `${message}. Free some: RavenDB stops writing when its disk is full.`,
      };
}

/**
 * Whether the tightest node of the target has room for its part.
 * @param there bytes that the target takes already
 */
export function checkTargetDisk({
  used,
  there,
  nodes,
  copies: { factor, nodes: members, spread },
}: {
  used: number;
  there: number;
  nodes: NodeSpace[] | undefined;
  copies: ReturnType<typeof copiesOf>;
}): Check {
  const name = 'disk of the target';
  if (!nodes) return notLooked(name);
  const meant = nodes.filter(({ node }) => !members || members.has(node));
  if (meant.length === 0)
    return { ...notLooked(name), message: 'No node of the target says how much room it has.' };
  const needed = (Math.max(0, used - there) * factor) / spread;
  const tightest = meant.reduce((a, b) => (b.freeBytes < a.freeBytes ? b : a));
  const message =
    `${formatBytes(tightest.freeBytes)} free${tightest.node === '?' ? '' : ` on node ${tightest.node}`}, for about ${formatBytes(needed)} of data and indexes` +
    `${factor > 1 ? ` (${factor} copies over ${spread} nodes)` : ''}`;
  if (tightest.freeBytes > needed * COMFORTABLE_FACTOR) return { name, status: 'ok', message: `${message}.` };
  return tightest.freeBytes > needed
    ? {
        name,
        status: 'warning',
        message: `${message}. Free some: journals and indexing need room of their own while the target is filled.`,
      }
    : { name, status: 'blocker', message: `${message}. Free some, or put the target on a larger disk.` };
}

function notLooked(name: string): Check {
  return {
    name,
    status: 'warning',
    message: 'Not looked at: only clearance Operator may see the disk. See to it by hand that there is room.',
  };
}

/** A dump is compressed, so the size on the source's disk is more than enough. By the other methods little is needed. */
async function checkWorkerDisk(
  method: MigrateDatabaseConfig['method'],
  source: Database,
  directory: string,
): Promise<Check> {
  const free = await freeBytes(directory);
  if (method !== 'dump') {
    const name = 'disk of the worker';
    const message = `${formatBytes(free)} free in dumpDirectory, where attachments and changes wait on their way`;
    return free > LOW_BYTES
      ? { name, status: 'ok', message: `${message}.` }
      : { name, status: 'warning', message: `${message}; free some, or move dumpDirectory.` };
  }
  const name = 'disk space for the dump';
  const { sizeOnDiskBytes } = await storageStats(source);
  const message = `The worker has ${formatBytes(free)} free for a dump of at most ${formatBytes(sizeOnDiskBytes)}`;
  return free > sizeOnDiskBytes
    ? { name, status: 'ok', message: `${message}.` }
    : {
        name,
        status: 'blocker',
        message: `${message}; free some, move dumpDirectory, or use method "stream".`,
      };
}
