/**
 * One round of catch-up: what changed on the source since a position, as one delta that is applied in two passes.
 * The first pass applies only the deletions, the second all other items. In one pass RavenDB loses documents that moved
 * between collections and breaks attachments. With two passes a round may be repeated and may overlap others.
 */

import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Transfer } from '../../core/copy/transfer.ts';
import { decompressed } from '../../ravendb/dump/dump-bytes.ts';
import { DATA, DELETION_LISTS, DELETIONS } from '../../ravendb/smuggler/item-types.ts';
import { startExport } from '../../ravendb/smuggler/smuggler.ts';
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
  const directory = join(work.config.dumpDirectory, 'rounds');
  const { leftoverMs } = work.tuning.worker;
  await withPassingFile({ directory, leftoverMs }, (file) => applyBy(file, work, transfer));
}

async function applyBy(file: string, work: Work, transfer: Transfer): Promise<void> {
  const { from } = transfer;
  const databases = openPair(work, transfer);
  const { source, target } = databases;
  const running = await startExport(source, {
    types: [...DATA, ...DELETIONS],
    startEtag: from.etag + 1,
    startRaftIndex: from.raftIndex + 1,
  });
  await pipeline(running.body, createWriteStream(file), { signal: work.signal });
  const { counts } = await running.finished();
  if (counts.tombstones || counts.compareExchangeTombstones || counts.timeSeriesDeletedRanges) {
    await routeDeletions(work, databases, async () => decompressed(createReadStream(file)));
  }
  if (transfer.deletionsLost) await deleteMovedDocuments(target, decompressed(createReadStream(file)));
  // a target that may hold other data may have added to these itself
  if (counts.timeSeriesEntries && !transfer.target.allowExistingData)
    await clearIncrementalEntries(databases, file);
  const surplus = await SurplusExtensions.on(target, { allSeriesFollow: false });
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
