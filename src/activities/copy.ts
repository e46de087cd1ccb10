import { pipeline } from 'node:stream/promises';
import { RavenError, toRavenError } from '../ravendb/errors.ts';
import { importDump, startExport } from '../ravendb/smuggler.ts';
import { databaseCounts } from '../ravendb/statistics.ts';
import { type Environment, perform, type Run } from './environment.ts';
import { carryDeletions } from './round.ts';
import { checkArrival, countedItems, DATA, type Transfer, TransferMeter } from './transfer.ts';

/** The first copy, database to database. */
export function copyActivities(environment: Environment) {
  return {
    /**
     * Pipes an export of the source into an import on the target, in constant memory and with no file between.
     * Safe to run again: what arrived before is written once more.
     * @returns the server's warnings
     */
    copy: (transfer: Transfer): Promise<string[]> =>
      perform(environment, async (run) => {
        await prepareRepeat(environment, transfer, run);
        return await pipe(transfer, run);
      }),
  };
}

/**
 * A try after another one: what the source deleted or moved since is taken off the target first, else the import
 * would leave it there, or meet a document in the wrong collection.
 */
export async function prepareRepeat(environment: Environment, transfer: Transfer, run: Run): Promise<void> {
  if (run.attempt > 1) await carryDeletions(environment, run, transfer);
}

async function pipe(transfer: Transfer, run: Run): Promise<string[]> {
  const { source, target } = transfer;
  const from = run.connection(source.connection);
  const into = run.connection(target.connection);
  const counts = await databaseCounts(from, source.database);
  const meter = new TransferMeter(run, countedItems(counts));
  const running = await startExport(from.http, source.database, { types: DATA });
  const metered = meter.countBytes();
  const [imported, piped] = await Promise.allSettled([
    importDump(into.http, target.database, metered, { types: DATA }, meter.onProgress),
    pipeline(running.body, metered),
  ]);
  // when one side breaks, the other breaks too: find the one that was first
  if (piped.status === 'rejected' && !isPrematureClose(piped.reason)) {
    throw toRavenError({ connection: from.name, database: source.database }, 'Export', piped.reason);
  }
  if (piped.status === 'fulfilled') await running.finished();
  if (imported.status === 'rejected') throwForCopy(imported.reason, transfer);
  checkArrival(await running.finished(), imported.value, counts.documents);
  await run.flush();
  return imported.value.warnings;
}

function isPrematureClose(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/**
 * A document that moved to another collection while the copy ran is met in its old one by the next try, which
 * takes it away first. Where the target held documents before, nobody but its owner may take one away.
 */
export function throwForCopy(error: unknown, { target }: Transfer): never {
  if (error instanceof RavenError && error.kind === 'DocumentCollectionMismatchException') {
    throw new RavenError(error.message, { kind: error.kind, retryable: !target.allowExistingData });
  }
  throw error;
}
