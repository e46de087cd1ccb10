import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { failures } from '../core/failures.ts';
import { RavenError } from '../ravendb/errors.ts';
import { importDump, startExport } from '../ravendb/smuggler.ts';
import type { SmugglerResult } from '../ravendb/smuggler-result.ts';
import { databaseCounts } from '../ravendb/statistics.ts';
import { prepareRepeat, throwForCopy } from './copy.ts';
import { type Environment, perform } from './environment.ts';
import { fileName } from './file-name.ts';
import { checkArrival, countedItems, DATA, type Transfer, TransferMeter } from './transfer.ts';

/** A dump file and the one worker that holds it. */
export interface DumpFile {
  /** Task queue of the worker's host. */
  taskQueue: string;
  /** Path on that host. */
  file: string;
  bytes: number;
  /** What the export counted. */
  sent: SmugglerResult;
  /** Documents of the source before the export. */
  expectedDocuments: number;
}

/** The task queue that only the workers of one host poll. */
export function hostTaskQueue({ config }: Environment): string {
  return `${config.taskQueue}@${config.host}`;
}

/** The first copy by way of a dump file on the worker's disk. */
export function dumpActivities(environment: Environment) {
  const { config } = environment;
  return {
    /** Exports the source into a file of this worker. A half-written file never bears the dump's name. */
    exportDump: ({ source }: Transfer): Promise<DumpFile> =>
      perform(environment, async (run) => {
        const from = run.connection(source.connection);
        const counts = await databaseCounts(from, source.database);
        const meter = new TransferMeter(run, countedItems(counts));
        const file = join(
          config.dumpDirectory,
          fileName(run.workflowId),
          `${fileName(source.database)}.ravendbdump`,
        );
        const unfinished = `${file}.${run.attempt}.part`;
        await mkdir(dirname(file), { recursive: true });
        try {
          const running = await startExport(from.http, source.database, { types: DATA });
          await pipeline(running.body, meter.countBytes(), createWriteStream(unfinished, { flush: true }));
          const sent = await running.finished();
          checkArrival(sent, sent, counts.documents);
          await rename(unfinished, file);
          await run.flush();
          const { size } = await stat(file);
          return {
            taskQueue: hostTaskQueue(environment),
            file,
            bytes: size,
            sent,
            expectedDocuments: counts.documents,
          };
        } finally {
          await rm(unfinished, { force: true });
        }
      }),

    /** Imports a dump that this worker holds. @returns the server's warnings */
    importDump: (input: Transfer & { dump: DumpFile }): Promise<string[]> =>
      perform(environment, async (run) => {
        const { target, source, dump } = input;
        const size = await stat(dump.file).then(
          (found) => found.size,
          () => undefined,
        );
        if (size !== dump.bytes) {
          const message = `The dump of "${source.database}" is no longer whole on worker "${config.host}".`;
          throw new RavenError(message, { kind: failures.dumpLost, retryable: false });
        }
        await prepareRepeat(environment, input, run);
        const meter = new TransferMeter(run, countedItems(dump.sent.counts));
        const metered = meter.countBytes();
        const reading = pipeline(createReadStream(dump.file), metered);
        reading.catch(() => undefined);
        const { http } = run.connection(target.connection);
        const importing = importDump(http, target.database, metered, { types: DATA }, meter.onProgress);
        const imported = await importing.catch((error) => throwForCopy(error, input));
        checkArrival(dump.sent, imported, dump.expectedDocuments);
        await run.flush();
        return imported.warnings;
      }),

    /** Deletes a dump that was imported. */
    removeDump: ({ file }: DumpFile): Promise<void> =>
      perform(environment, () => rm(dirname(file), { recursive: true, force: true })),
  };
}
