/** The first copy by way of a dump file on the worker's disk. */

import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { failures } from '../../core/contract/failures.ts';
import { hostTaskQueue } from '../../core/contract/task-queues.ts';
import type { DumpFile, DumpImport, ImportedDump, Transfer } from '../../core/copy/transfer.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { decompressed } from '../../ravendb/dump/dump-bytes.ts';
import { databaseCounts, shardedItems } from '../../ravendb/requests/statistics.ts';
import { countedItems, DATA } from '../../ravendb/smuggler/item-types.ts';
import { startExport } from '../../ravendb/smuggler/smuggler.ts';
import { fileName, writeWhole } from '../../stores/worker-disk.ts';
import { assertSomethingCopied } from '../transfer/dump-to-shards.ts';
import { assertSameStorage } from '../transfer/position.ts';
import { routeAround } from '../transfer/set-aside.ts';
import { SurplusExtensions } from '../transfer/surplus-extensions.ts';
import { lastHeartbeat } from '../work/last-heartbeat.ts';
import { Meter } from '../work/meter.ts';
import { openPair, type Work } from '../work/work.ts';

/** Exports the source into a file of this worker. A half-written file never bears the dump's name. */
export async function exportDump(work: Work, transfer: Transfer): Promise<DumpFile> {
  const { config } = work;
  const source = work.database(transfer.source);
  await assertSameStorage(source, transfer.from);
  const counts = await databaseCounts(source);
  const totalItems = shardedItems(counts);
  const meter = new Meter(work, 'writing the dump', totalItems);
  const file = join(config.dumpDirectory, fileName(work.workflowId), `${fileName(source.name)}.ravendbdump`);
  await mkdir(dirname(file), { recursive: true });
  await writeWhole(file, async (unfinished) => {
    const running = await startExport(source, { types: DATA }, (read) => meter.report(countedItems(read)));
    await pipeline(running.body, meter.countBytes(), createWriteStream(unfinished, { flush: true }));
    const sent = await running.finished();
    assertSomethingCopied(sent.counts.documents ?? 0, counts.documents);
  });
  const { size } = await stat(file);
  return { taskQueue: hostTaskQueue(config.taskQueue, config.host), file, bytes: size, totalItems };
}

/**
 * Imports a dump that this worker holds. What was confirmed by the target is not sent again by the next try;
 * when the workflow cancels it, it says how far it came.
 */
export async function importDump(work: Work, input: DumpImport): Promise<ImportedDump> {
  const { source, dump } = input;
  const size = await stat(dump.file).then(
    (found) => found.size,
    () => undefined,
  );
  if (size !== dump.bytes) {
    const message = `The dump of "${source.database}" is no longer whole on worker "${work.config.host}".`;
    throw new RavenError(message, { kind: failures.dumpLost, retryable: false });
  }
  return await importFile(work, input);
}

/** Deletes a dump that was imported. */
export async function removeDump(_work: Work, { file }: DumpFile): Promise<void> {
  await rm(dirname(file), { recursive: true, force: true });
}

const heartbeatSchema = z.object({ itemsDone: z.number() });

/** A file holds the same items in the same order at each try, so that their number tells where to go on. */
async function importFile(work: Work, input: DumpImport): Promise<ImportedDump> {
  const { dump, maxItemsPerSecond } = input;
  const before = lastHeartbeat(work, heartbeatSchema)?.itemsDone ?? input.itemsDone ?? 0;
  let itemsDone = before;
  const meter = new Meter(work, 'importing the dump', dump.totalItems, itemsDone);
  work.heartbeat({ itemsDone });
  const databases = openPair(work, input);
  const surplus = await SurplusExtensions.on(work, databases.target, { allSeriesFollow: true });
  try {
    await routeAround(work, databases, {
      open: async () => ({ dump: decompressed(createReadStream(dump.file)), skip: itemsDone }),
      itemsPerSecond: maxItemsPerSecond,
      onItem: surplus?.note,
      onLoad: async ({ items }) => {
        await surplus?.remove();
        itemsDone = items;
        work.heartbeat({ itemsDone });
        meter.report(items);
      },
    });
  } catch (error) {
    if (!work.canceledByWorkflow) throw error;
    return { stoppedAt: itemsDone };
  }
  return {};
}
