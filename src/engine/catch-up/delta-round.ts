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
import type { Transfer } from '../../core/copy/transfer.ts';
import { decompressed } from '../../ravendb/dump/dump-bytes.ts';
import { DATA, DELETION_LISTS, DELETIONS } from '../../ravendb/smuggler/item-types.ts';
import { startExport } from '../../ravendb/smuggler/smuggler.ts';
import { routeDeletions } from '../transfer/deletions.ts';
import { routeDump } from '../transfer/dump-to-shards.ts';
import { clearMoved } from '../transfer/moved-documents.ts';
import { SurplusExtensions } from '../transfer/surplus-extensions.ts';
import type { Work } from '../work/work.ts';
import { clearIncremental } from './incremental-series.ts';
import { restoreIds } from './original-ids.ts';

/** Carries the delta from a position on. Both passes see the same snapshot, which is kept in a file. */
export async function carryRound(work: Work, transfer: Transfer): Promise<void> {
  const { source, target, from } = transfer;
  const into = { connection: work.connection(target.connection), database: target.database };
  const directory = join(work.config.dumpDirectory, 'rounds');
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${randomUUID()}.ravendbdump`);
  try {
    const { http } = work.connection(source.connection);
    const running = await startExport(http, source.database, {
      types: [...DATA, ...DELETIONS],
      startEtag: from.etag + 1,
      startRaftIndex: from.raftIndex + 1,
    });
    await pipeline(running.body, createWriteStream(file), { signal: work.signal });
    const { counts } = await running.finished();
    if (counts.tombstones || counts.compareExchangeTombstones || counts.timeSeriesDeletedRanges) {
      await routeDeletions(work, transfer, async () => decompressed(createReadStream(file)));
    }
    if (transfer.deletionsLost) await clearMoved(into, decompressed(createReadStream(file)));
    // a target that may hold other data may have added to these
    if (counts.timeSeriesEntries && !target.allowExistingData) await clearIncremental(work, transfer, file);
    const surplus = await SurplusExtensions.on(work, transfer, { allFollows: false });
    await routeDump(work, transfer, {
      dump: decompressed(createReadStream(file)),
      takes: (list) => !DELETION_LISTS.has(list),
      onItem: surplus?.note,
      onLoad: () => surplus?.remove(),
    });
    if (counts.tombstones) await restoreIds(work, transfer, file);
  } finally {
    await rm(file, { force: true });
  }
}
