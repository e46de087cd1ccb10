/**
 * Deletes counters and time series that a document on the target still has although the source no longer has them.
 * RavenDB forgets deleted ones after minutes, and an import only adds. The document itself lists the names, and it
 * changes whenever one is added or deleted.
 */

import type { Database } from '../../ravendb/connection/database.ts';
import { documentId, metadataOf } from '../../ravendb/dump/dump-items.ts';
import {
  deleteCounters,
  type ExtensionNames,
  extensionNames,
  readExtensionNames,
} from '../../ravendb/requests/extensions.ts';
import { databaseCounts } from '../../ravendb/requests/statistics.ts';
import { deleteTimeSeries, isIncremental } from '../../ravendb/requests/time-series.ts';
import { chunks } from '../work/chunks.ts';

const BATCH = 1000;

/** Deletes the surplus of documents that are being copied. */
export class SurplusExtensions {
  readonly #target: Database;
  readonly #allSeriesFollow: boolean;
  #documents: { id: string; names: ExtensionNames }[] = [];

  private constructor(target: Database, allSeriesFollow: boolean) {
    this.#target = target;
    this.#allSeriesFollow = allSeriesFollow;
  }

  /**
   * Undefined if there can be no surplus, because the target has no counters and no time series.
   * @param options.allSeriesFollow whether the time series of a document follow it, changed or not. Then incremental
   * ones are deleted and imported again, because RavenDB does not merge those of a restored source with existing ones
   */
  static async on(
    target: Database,
    options: { allSeriesFollow: boolean },
  ): Promise<SurplusExtensions | undefined> {
    const counts = await databaseCounts(target);
    const any = counts.counterGroups + counts.timeSeriesSegments > 0;
    return any ? new SurplusExtensions(target, options.allSeriesFollow) : undefined;
  }

  /** Notes which counters and time series a document has on the source. */
  readonly note = (list: string, json: Buffer): void => {
    if (list !== 'Docs') return;
    this.#documents.push({ id: documentId(json), names: extensionNames(metadataOf(json)) });
  };

  /** Deletes what the documents noted so far do not have on the source. @throws RavenError */
  async remove(): Promise<void> {
    const documents = this.#documents;
    this.#documents = [];
    const target = this.#target;
    for (const batch of chunks(documents, BATCH)) {
      const ids = batch.map(({ id }) => id);
      const present = await readExtensionNames(target, ids);
      const counters: { id: string; names: string[] }[] = [];
      for (const { id, names } of batch) {
        const here = present.get(id.toLowerCase());
        if (!here) continue;
        const surplus = without(here.counters, names.counters);
        if (surplus.length > 0) counters.push({ id, names: surplus });
        const anew = this.#allSeriesFollow ? here.timeSeries.filter(isIncremental) : [];
        for (const name of new Set([...without(here.timeSeries, names.timeSeries), ...anew])) {
          await deleteTimeSeries(target, { id, name, ranges: [{}] });
        }
      }
      if (counters.length > 0) await deleteCounters(target, counters);
    }
  }
}

function without(names: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others.map((name) => name.toLowerCase()));
  return names.filter((name) => !known.has(name.toLowerCase()));
}
