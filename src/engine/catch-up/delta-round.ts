/**
 * One round of catch-up: what changed on the source since a position, as one delta that is applied in two passes.
 * The first pass applies only the deletions, the second all other items. In one pass RavenDB loses documents that moved
 * between collections and breaks attachments. With two passes a round may be repeated and may overlap others.
 */

import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Pair } from '../../core/contract/contract.ts';
import type { Transfer } from '../../core/copy/transfer.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { decompressed } from '../../ravendb/dump/dump-bytes.ts';
import type { ItemCounts } from '../../ravendb/dump/item-kinds.ts';
import { DATA, DELETION_LISTS, DELETIONS } from '../../ravendb/smuggler/item-types.ts';
import { type ExportOptions, startExport } from '../../ravendb/smuggler/smuggler.ts';
import { withPassingFile } from '../../stores/worker-disk.ts';
import { routeDeletions } from '../transfer/deletions.ts';
import { deleteMovedDocuments } from '../transfer/moved-documents.ts';
import { routeAround } from '../transfer/set-aside.ts';
import { SurplusExtensions } from '../transfer/surplus-extensions.ts';
import { openPair, type Work } from '../work/work.ts';
import { clearIncrementalEntries } from './incremental-series.ts';
import { restoreOriginalIds } from './original-ids.ts';

/** Applies what changed since a position. Both passes read the same snapshot, which is kept in a file. */
export async function applyDelta(work: Work, transfer: Transfer): Promise<void> {
  const { from, deletionsLost } = transfer;
  const databases = openPair(work, transfer);
  await withDeltaFile(work, async (file) => {
    const counts = await exportDelta(work, databases.source, {
      file,
      types: [...DATA, ...DELETIONS],
      startEtag: from.etag + 1,
      startRaftIndex: from.raftIndex + 1,
    });
    const delta = { file, counts };
    await applyDeletions(work, databases, delta);
    if (deletionsLost) await deleteMovedDocuments(databases.target, decompressed(createReadStream(file)));
    await applyItems(work, databases, delta, { ownsEntries: !transfer.target.allowExistingData });
  });
}

/** What changed, in a file. */
export interface Delta {
  file: string;
  counts: ItemCounts;
}

/** Gives a file for a delta, which is removed afterwards. */
export async function withDeltaFile<T>(work: Work, use: (file: string) => Promise<T>): Promise<T> {
  const directory = join(work.config.dumpDirectory, 'rounds');
  const { leftoverMs } = work.tuning.worker;
  return await withPassingFile({ directory, leftoverMs }, use);
}

/** Writes what changed into a file. @returns what it holds. @throws RavenError */
export async function exportDelta(
  work: Work,
  source: Database,
  { file, ...what }: ExportOptions & { file: string },
): Promise<ItemCounts> {
  const running = await startExport(source, what);
  await pipeline(running.body, createWriteStream(file), { signal: work.signal });
  return (await running.finished()).counts;
}

/** The first pass. @param accepts which deletions count; all of them by default */
export async function applyDeletions(
  work: Work,
  databases: Pair<Database>,
  { file, counts }: Delta,
  accepts?: (list: string, json: Buffer) => boolean,
): Promise<void> {
  if (!counts.tombstones && !counts.compareExchangeTombstones && !counts.timeSeriesDeletedRanges) return;
  await routeDeletions(work, databases, async () => decompressed(createReadStream(file)), accepts);
}

/** The second pass. @param ownsEntries whether nobody else adds to incremental time series on the target */
export async function applyItems(
  work: Work,
  databases: Pair<Database>,
  { file, counts }: Delta,
  { ownsEntries }: { ownsEntries: boolean },
): Promise<void> {
  const { target } = databases;
  if (counts.timeSeriesEntries && ownsEntries) await clearIncrementalEntries(databases, file);
  const surplus = await SurplusExtensions.on(work, target, { allSeriesFollow: false });
  let done = 0;
  await routeAround(work, databases, {
    open: async () => ({ dump: decompressed(createReadStream(file)), skip: done }),
    takes: (list) => !DELETION_LISTS.has(list),
    onItem: surplus?.note,
    onLoad: async ({ items }) => {
      await surplus?.remove();
      done = items;
    },
  });
  if (counts.tombstones) await restoreOriginalIds(work, databases, file);
}
