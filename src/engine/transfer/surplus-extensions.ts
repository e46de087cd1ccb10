/**
 * Deletes counters and time series that a document on the target still has although the source no longer has them.
 * RavenDB forgets deleted ones after minutes, and an import only adds. The document itself lists the names, and it
 * changes whenever one is added or deleted.
 */

import type { Database } from '../../ravendb/connection/database.ts';
import { documentId, metadataOf } from '../../ravendb/dump/dump-items.ts';
import {
  type ExtensionNames,
  extensionNames,
  readExtensionNames,
} from '../../ravendb/requests/extensions.ts';
import { databaseCounts } from '../../ravendb/requests/statistics.ts';
import { deleteTimeSeries, isIncremental } from '../../ravendb/requests/time-series.ts';
import { chunks } from '../work/chunks.ts';
import type { Work } from '../work/work.ts';
import { type CountersOf, deleteCountersOf } from './counter-deletions.ts';

const BATCH = 1000;

/** Deletes the surplus of documents that are being copied. */
export class SurplusExtensions {
  readonly #work: Work;
  readonly #target: Database;
  readonly #allSeriesFollow: boolean;
  #documents: { id: string; collection: string; names: ExtensionNames }[] = [];

  private constructor(work: Work, target: Database, allSeriesFollow: boolean) {
    this.#work = work;
    this.#target = target;
    this.#allSeriesFollow = allSeriesFollow;
  }

  /**
   * Undefined if there can be no surplus, because the target has no counters and no time series.
   * @param options.allSeriesFollow whether the time series of a document follow it, changed or not. Then incremental
   * ones are deleted and imported again, because RavenDB does not merge those of a restored source with existing ones
   */
  static async on(
    work: Work,
    target: Database,
    options: { allSeriesFollow: boolean },
  ): Promise<SurplusExtensions | undefined> {
    const counts = await databaseCounts(target);
    const any = counts.counterGroups + counts.timeSeriesSegments > 0;
    return any ? new SurplusExtensions(work, target, options.allSeriesFollow) : undefined;
  }

  /** Notes which counters and time series a document has on the source. */
  readonly note = (list: string, json: Buffer): void => {
    if (list !== 'Docs') return;
    const metadata = metadataOf(json);
    const collection = metadata['@collection'];
    this.#documents.push({ id: documentId(json), collection, names: extensionNames(metadata) });
  };

  /** Deletes what the documents noted so far do not have on the source. @throws RavenError */
  async remove(): Promise<void> {
    const documents = this.#documents;
    this.#documents = [];
    const target = this.#target;
    for (const batch of chunks(documents, BATCH)) {
      const ids = batch.map(({ id }) => id);
      const present = await readExtensionNames(target, ids);
      const counters: CountersOf[] = [];
      for (const { id, collection, names } of batch) {
        const here = present.get(id.toLowerCase());
        if (!here) continue;
        const surplus = without(here.counters, names.counters);
        if (surplus.length > 0) counters.push({ id, collection, names: surplus });
        const anew = this.#allSeriesFollow ? here.timeSeries.filter(isIncremental) : [];
        for (const name of new Set([...without(here.timeSeries, names.timeSeries), ...anew])) {
          await deleteTimeSeries(target, { id, name, ranges: [{}] });
        }
      }
      await deleteCountersOf(this.#work, target, counters);
    }
  }
}

function without(names: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others.map((name) => name.toLowerCase()));
  return names.filter((name) => !known.has(name.toLowerCase()));
}
