/**
 * One round of catch-up: what changed on the source since a position, as one delta that is applied in two passes.
 * First the deletions alone, then all that is there. In one pass RavenDB loses documents that moved between
 * collections and breaks attachments; in two, a round may be repeated and may overlap others.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Position } from '../core/progress.ts';
import { decompressed } from '../ravendb/dump-bytes.ts';
import { startExport } from '../ravendb/smuggler.ts';
import type { Environment, Run } from './environment.ts';
import { clearIncremental } from './incremental.ts';
import { assertSameStorage, assertTombstonesKept } from './position.ts';
import { restoreIds } from './restore-ids.ts';
import { routeDump } from './route.ts';
import { SurplusExtensions } from './surplus.ts';
import { syncIndexes } from './sync-indexes.ts';
import { DATA, DELETIONS, type Transfer } from './transfer.ts';

/** Lists of a dump that tell what is no longer there. */
const DELETION_LISTS = new Set(['Tombstones', 'CompareExchangeTombstones', 'TimeSeriesDeletedRanges']);

/**
 * Carries everything that changed between two positions: items by a delta, indexes by comparing both sides.
 * @throws RavenError for good when the delta may lack something
 */
export async function carryChanges(
  environment: Environment,
  run: Run,
  transfer: Transfer,
  to: Position,
): Promise<void> {
  await assertSameStorage(run, transfer);
  await assertTombstonesKept(run, transfer);
  await carryRound(environment, run, transfer);
  if (to.raftIndex !== transfer.from.raftIndex) run.report({ notCarried: await syncIndexes(run, transfer) });
}

/** Carries the delta from a position on. Both passes see the same snapshot, which is kept in a file. */
export async function carryRound(environment: Environment, run: Run, transfer: Transfer): Promise<void> {
  const { source, target, from } = transfer;
  const directory = join(environment.config.dumpDirectory, 'rounds');
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${randomUUID()}.ravendbdump`);
  try {
    const { http } = run.connection(source.connection);
    const running = await startExport(http, source.database, {
      types: [...DATA, ...DELETIONS],
      startEtag: from.etag + 1,
      startRaftIndex: from.raftIndex + 1,
    });
    await pipeline(running.body, createWriteStream(file), { signal: run.signal });
    const { counts } = await running.finished();
    if (counts.tombstones || counts.compareExchangeTombstones || counts.timeSeriesDeletedRanges) {
      await routeDump(environment, run, transfer, {
        dump: decompressed(createReadStream(file)),
        takes: (list) => DELETION_LISTS.has(list),
      });
    }
    // a target that may hold other data may have added to these
    if (counts.timeSeriesEntries && !target.allowExistingData) await clearIncremental(run, transfer, file);
    const surplus = await SurplusExtensions.on(run, transfer, { allFollows: false });
    await routeDump(environment, run, transfer, {
      dump: decompressed(createReadStream(file)),
      takes: (list) => !DELETION_LISTS.has(list),
      onItem: surplus?.note,
      onLoad: () => surplus?.remove(),
    });
    if (counts.tombstones) await restoreIds(environment, run, transfer, file);
  } finally {
    await rm(file, { force: true });
  }
}
