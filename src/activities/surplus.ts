/**
 * Counters and time series that a document on the target has although its source has them no longer: RavenDB forgets
 * deleted ones after minutes, and an import adds but never takes away. The document itself tells, for it changes
 * whenever a name comes or goes.
 */
import { documentId, metadataOf } from '../ravendb/dump-items.ts';
import {
  deleteCounters,
  deleteTimeSeries,
  type ExtensionNames,
  extensionNames,
  readExtensionNames,
} from '../ravendb/extensions.ts';
import { databaseCounts } from '../ravendb/statistics.ts';
import type { Run } from './environment.ts';
import type { Transfer } from './transfer.ts';

const BATCH = 1000;

/** Takes away the surplus of documents that are being carried over. */
export class SurplusExtensions {
  readonly #run: Run;
  readonly #target: Transfer['target'];
  #documents: { id: string; names: ExtensionNames }[] = [];

  private constructor(run: Run, target: Transfer['target']) {
    this.#run = run;
    this.#target = target;
  }

  /** Undefined where nothing can be in surplus, since the target has no counters and no time series. */
  static async on(run: Run, { target }: Transfer): Promise<SurplusExtensions | undefined> {
    const counts = await databaseCounts(run.connection(target.connection), target.database);
    const any = counts.counterGroups + counts.timeSeriesSegments > 0;
    return any ? new SurplusExtensions(run, target) : undefined;
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
    const connection = this.#run.connection(this.#target.connection);
    const { database } = this.#target;
    for (let start = 0; start < documents.length; start += BATCH) {
      const batch = documents.slice(start, start + BATCH);
      const ids = batch.map(({ id }) => id);
      const present = await readExtensionNames(connection, database, ids);
      const counters: { id: string; names: string[] }[] = [];
      for (const { id, names } of batch) {
        const here = present.get(id.toLowerCase());
        if (!here) continue;
        const surplus = without(here.counters, names.counters);
        if (surplus.length > 0) counters.push({ id, names: surplus });
        for (const name of without(here.timeSeries, names.timeSeries)) {
          await deleteTimeSeries(connection, database, { id, name, ranges: [{}] });
        }
      }
      if (counters.length > 0) await deleteCounters(connection, database, counters);
    }
  }
}

function without(names: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others.map((name) => name.toLowerCase()));
  return names.filter((name) => !known.has(name.toLowerCase()));
}
