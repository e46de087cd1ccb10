/**
 * Counters and time series that a document on the target has although its source has them no longer: RavenDB forgets
 * deleted ones after minutes, and an import adds but never takes away. The document itself tells, for it changes
 * whenever a name comes or goes.
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

/** Takes away the surplus of documents that are being carried over. */
export class SurplusExtensions {
  readonly #target: Database;
  readonly #allSeriesFollow: boolean;
  #documents: { id: string; names: ExtensionNames }[] = [];

  private constructor(target: Database, allSeriesFollow: boolean) {
    this.#target = target;
    this.#allSeriesFollow = allSeriesFollow;
  }

  /**
   * Undefined where nothing can be in surplus, since the target has no counters and no time series.
   * @param options.allSeriesFollow whether the time series of a document follow it, changed or not: then incremental ones
   * are taken away to come anew, for RavenDB does not mix those of a restored source with what is there
   */
  static async on(
    target: Database,
    options: { allSeriesFollow: boolean },
  ): Promise<SurplusExtensions | undefined> {
    const counts = await databaseCounts(target);
    const any = counts.counterGroups + counts.timeSeriesSegments > 0;
    return any ? new SurplusExtensions(target, options.allSeriesFollow) : undefined;
  }

  /** Looks at an item as the source has it. */
  readonly note = (list: string, json: Buffer): void => {
    if (list !== 'Docs') return;
    this.#documents.push({ id: documentId(json), names: extensionNames(metadataOf(json)) });
  };

  /** Takes away what the documents noted so far do not have. @throws RavenError */
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
