/** A sample of the source, copied for its speed alone into a database that is made for it and deleted again. */

import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Sample, Sampling } from '../../core/plan/estimate.ts';
import { askEach } from '../../ravendb/connection/ask-each.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { decompressed } from '../../ravendb/dump/dump-bytes.ts';
import { databaseRecord, shardNumbers } from '../../ravendb/requests/databases.ts';
import { documentLines } from '../../ravendb/requests/documents.ts';
import { databaseCounts, storageStats } from '../../ravendb/requests/statistics.ts';
import { startExport } from '../../ravendb/smuggler/smuggler.ts';
import { routeDump } from '../transfer/dump-to-shards.ts';
import { Meter } from '../work/meter.ts';
import { createSample, sampleDatabase, whyNoSample } from '../work/sample-database.ts';
import { openPair, type Work } from '../work/work.ts';

/** Old documents may be unlike new ones. */
const SLICES = 4;

/** Copies a part of the source as a migration would, and reads it again. Touches neither source nor target. */
export async function copySample(work: Work, input: MigrateDatabaseConfig): Promise<Sampling> {
  const { source, target } = openPair(work, input);
  const sample = sampleDatabase(work, input.target);
  const refused = await whyNoSample(target.connection);
  if (refused) return { refused };
  const record = await databaseRecord(target);
  const shards = record ? shardNumbers(record).length : (input.target.shards ?? 1);
  await createSample(sample, { shards, replicationFactor: input.target.replicationFactor });
  const [{ documents }, { lastEtag }] = await Promise.all([databaseCounts(source), storageStats(source)]);
  const { sampleDocuments } = work.tuning.plan;
  const slicing = slicesOf(documents, lastEtag, sampleDocuments);
  const meter = new Meter(work, 'copying a sample', Math.min(documents, sampleDocuments));
  const slices: Sample['slices'] = [];
  for (const from of slicing) {
    const copied = slices.reduce((sum, slice) => sum + slice.documents, 0);
    slices.push(
      await copySlice(work, {
        source,
        sample,
        from,
        share: slicing.length,
        tell: (items) => meter.report(copied + items),
      }),
    );
  }
  const startedAt = Date.now();
  await askEach(work.tuning.connection, [...Array(shards).keys()], async (shard) => {
    for await (const _lines of documentLines(sample.shard(shard)));
  });
  return { sample: { slices, readSeconds: (Date.now() - startedAt) / 1000 } };
}

/** The etags at which slices begin: one for what fits into the sample as a whole. */
function slicesOf(documents: number, lastEtag: number, inOne: number): number[] {
  if (documents <= inOne) return [0];
  return Array.from({ length: SLICES }, (_, slice) => Math.floor((lastEtag / SLICES) * slice));
}

async function copySlice(
  work: Work,
  slice: {
    source: Database;
    /** The database that is made for it. */
    sample: Database;
    from: number;
    /** Of how many slices it is one. */
    share: number;
    tell: (items: number) => void;
  },
): Promise<Sample['slices'][number]> {
  const { source, sample, from, share, tell } = slice;
  const { sampleDocuments, sampleBytes, sampleMs } = work.tuning.plan;
  const stopReading = new AbortController();
  const startedAt = Date.now();
  let documents = 0;
  let bytes = 0;
  let sent = 0;
  try {
    const running = await startExport(source.within(stopReading.signal), {
      types: ['Documents', 'Attachments'],
      startEtag: from,
    });
    await routeDump(
      work,
      { target: sample, source },
      {
        dump: decompressed(running.body),
        takes: (list) => list === 'Docs',
        onItem: (_list, json) => {
          documents++;
          sent += json.length;
        },
        stopWhen: () =>
          documents >= sampleDocuments / share ||
          sent >= sampleBytes / share ||
          Date.now() - startedAt >= sampleMs / share,
        onLoad: (load) => {
          bytes += load.bytes;
          tell(load.items);
        },
      },
    );
  } finally {
    stopReading.abort();
  }
  return { documents, bytes, seconds: (Date.now() - startedAt) / 1000 };
}
