/** Exports a database into a dump that is kept, under a name that a person can find and with a manifest beside it. */

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { hostTaskQueue } from '../../core/contract/task-queues.ts';
import {
  DUMP_SUFFIX,
  type DumpOrder,
  MANIFEST_SUFFIX,
  type Manifest,
  type WrittenDump,
} from '../../core/files/files.ts';
import type { Check } from '../../core/plan/check.ts';
import { isPossible } from '../../core/plan/migration-plan.ts';
import { formatBytes, formatCount } from '../../core/text/format.ts';
import { askEach } from '../../ravendb/connection/ask-each.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { encrypted } from '../../ravendb/dump/encryption.ts';
import { databaseRecord, shardNumbers } from '../../ravendb/requests/databases.ts';
import { serverInfo } from '../../ravendb/requests/server.ts';
import {
  databaseCounts,
  readPosition,
  shardedItems,
  storageStats,
} from '../../ravendb/requests/statistics.ts';
import { countedItems } from '../../ravendb/smuggler/item-types.ts';
import { startExport } from '../../ravendb/smuggler/smuggler.ts';
import { fileName, freeBytes, writeText, writeWhole } from '../../stores/worker-disk.ts';
import { assertSomethingCopied } from '../transfer/dump-to-shards.ts';
import { checkFolders } from '../work/check-folders.ts';
import { Meter } from '../work/meter.ts';
import type { Work } from '../work/work.ts';
import { findKey, pathOf } from './dump-file.ts';

/** RavenDB's names of the compressions. */
const COMPRESSION = { zstd: 'Zstd', gzip: 'Gzip' } as const;

/** Checks the source, the encryption key and the disk before anything is written. */
export async function planExport(work: Work, order: DumpOrder): Promise<Check[]> {
  const { source } = order;
  const database = work.database(source);
  const where = `source.database "${source.database}" on connection "${source.connection}"`;
  const { version } = await serverInfo(database.connection);
  const record = await databaseRecord(database);
  const name = 'source database';
  if (!record) return [{ name, status: 'blocker', message: `${where} does not exist.` }];
  if (record.Disabled)
    return [{ name, status: 'blocker', message: `${where} is disabled; enable it first.` }];
  findKey(work, order.encryptionKey);
  const counts = await databaseCounts(database);
  const shards = shardNumbers(record);
  const kind = shards.length > 0 ? `${shards.length} shards` : 'not sharded';
  const checks: Check[] = [
    {
      name,
      status: 'ok',
      message:
        `${where}: ${kind}, RavenDB ${version}, ${formatCount(counts.documents)} documents, ` +
        `${formatCount(counts.revisions)} revisions, ${formatCount(counts.attachments)} attachments.`,
    },
    ...(await spaceFor(work, order, database, shards)),
  ];
  if (counts.conflicts > 0) {
    checks.push({
      name: 'conflicts',
      status: 'warning',
      message: `${counts.conflicts} documents are in conflict and will not be in the dump; resolve them first.`,
    });
  }
  return checks;
}

/** Checks the folders, and their free space only if they can be written to. */
async function spaceFor(
  work: Work,
  { directory }: DumpOrder,
  database: Database,
  shards: number[],
): Promise<Check[]> {
  const folders = await checkFolders(work);
  if (!isPossible(folders)) return folders;
  return [...folders, await checkSpace(work, directory, database, shards)];
}

/** A dump is compressed, so as much space as the source takes on its disk is more than enough. */
async function checkSpace(
  work: Work,
  directory: string,
  database: Database,
  shards: readonly number[],
): Promise<Check> {
  const storages = shards.length > 0 ? shards.map((shard) => database.shard(shard)) : [database];
  const sizes = await askEach(work.tuning.connection, storages, (storage) => storageStats(storage));
  const needed = sizes.reduce((sum, { sizeOnDiskBytes }) => sum + sizeOnDiskBytes, 0);
  const free = await freeBytes(pathOf(work, directory));
  const name = 'disk space';
  const message = `The worker has ${formatBytes(free)} free for a dump of at most ${formatBytes(needed)}`;
  return free > needed
    ? { name, status: 'ok', message: `${message}.` }
    : { name, status: 'blocker', message: `${message}; free some space, or name another directory.` };
}

/**
 * Exports a database into `<directory>/<database>/<time>/` on this worker. An incomplete file never has the name
 * of a dump or a manifest.
 */
export async function writeDump(work: Work, order: DumpOrder): Promise<WrittenDump> {
  const { source, types, collections, transformScript, compression, encryptionKey, at } = order;
  const database = work.database(source);
  const [record, counts, { version }] = await Promise.all([
    databaseRecord(database),
    databaseCounts(database),
    serverInfo(database.connection),
  ]);
  const sharded = record !== undefined && shardNumbers(record).length > 0;
  // read before the export: the dump contains everything up to this position, perhaps more
  const position = sharded ? null : await readPosition(database);
  const name = fileName(source.database);
  const directory = join(pathOf(work, order.directory), name, at.slice(0, 19).replaceAll(':', '-'));
  const file = join(directory, `${name}${DUMP_SUFFIX}`);
  const hash = createHash('sha256');
  const key = findKey(work, encryptionKey);
  await mkdir(directory, { recursive: true });
  const sent = await writeWhole(file, async (unfinished) => {
    const meter = new Meter(work, 'writing the dump', shardedItems(counts));
    const options = { types, collections, transformScript, compression: COMPRESSION[compression] };
    const running = await startExport(database, options, (read) => meter.report(countedItems(read)));
    const bytes = key ? Readable.from(encrypted(running.body, key), { objectMode: false }) : running.body;
    await pipeline(bytes, hashed(hash), meter.countBytes(), createWriteStream(unfinished, { flush: true }), {
      signal: work.signal,
    });
    const result = await running.finished();
    if (types.includes('Documents') && !collections && transformScript === null)
      assertSomethingCopied(result.counts.documents ?? 0, counts.documents);
    return result;
  });
  const { size } = await stat(file);
  const manifest: Manifest = {
    format: 1,
    exportedAt: at,
    source: { ...source, sharded, server: version },
    position,
    types,
    collections,
    transformed: transformScript !== null,
    compression,
    encryptionKey,
    file: `${name}${DUMP_SUFFIX}`,
    bytes: size,
    sha256: hash.digest('hex'),
    counts: sent.counts,
  };
  // written last: a dump with a manifest is complete
  await writeText(join(directory, `${name}${MANIFEST_SUFFIX}`), `${JSON.stringify(manifest, null, 2)}\n`);
  const { host } = work.config;
  const taskQueue = hostTaskQueue(work.config.taskQueue, host);
  return {
    host,
    taskQueue,
    directory,
    file,
    bytes: size,
    sha256: manifest.sha256,
    counts: sent.counts,
    warnings: sent.warnings,
  };
}

function hashed(hash: ReturnType<typeof createHash>): Transform {
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}
