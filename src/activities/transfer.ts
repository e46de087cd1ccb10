/** What copy, dump and catch-up share: which items travel, and how their progress is told. */
import { Transform } from 'node:stream';
import type { MigrateDatabaseConfig } from '../core/contract.ts';
import { failures } from '../core/failures.ts';
import type { Position, Transferred } from '../core/progress.ts';
import { RavenError } from '../ravendb/errors.ts';
import type { ItemType } from '../ravendb/smuggler.ts';
import {
  type ItemCounts,
  readCounts,
  type SmugglerResult,
  type SmugglerState,
} from '../ravendb/smuggler-result.ts';
import type { Run } from './environment.ts';

/** A transfer between two databases that starts from a position. */
export type Transfer = MigrateDatabaseConfig & { from: Position };

/** Items that are there. */
export const DATA: readonly ItemType[] = [
  'Documents',
  'RevisionDocuments',
  'Attachments',
  'CounterGroups',
  'TimeSeries',
  'CompareExchange',
  'Identities',
];

/** Marks of what is no longer there. */
export const DELETIONS: readonly ItemType[] = [
  'Tombstones',
  'CompareExchangeTombstones',
  'TimeSeriesDeletedRanges',
];

/** Items by which progress is told. Not time series: a database counts segments, a transfer counts entries. */
export function countedItems({
  documents = 0,
  revisions = 0,
  attachments = 0,
  counterGroups = 0,
}: ItemCounts): number {
  return documents + revisions + attachments + counterGroups;
}

/** Tells the workflow how far a transfer is, whenever there are new figures. */
export class TransferMeter {
  readonly #run: Run;
  readonly #totalItems: number | undefined;
  readonly #startedAt = Date.now();
  #bytes = 0;
  #items = 0;

  constructor(run: Run, totalItems?: number) {
    this.#run = run;
    this.#totalItems = totalItems;
    this.#tell();
  }

  /** Counts the bytes that pass. */
  countBytes(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.#bytes += chunk.length;
        done(null, chunk);
      },
    });
  }

  /** To be called with each progress of an import or export. */
  readonly onProgress = (state: SmugglerState): void => {
    this.#items = countedItems(readCounts(state));
    this.#tell();
  };

  #tell(): void {
    const seconds = (Date.now() - this.#startedAt) / 1000;
    const rate = seconds > 1 ? Math.round(this.#items / seconds) : 0;
    const left = this.#totalItems === undefined ? undefined : Math.max(0, this.#totalItems - this.#items);
    const transferred: Transferred = {
      items: this.#items,
      ...(this.#totalItems !== undefined && { totalItems: this.#totalItems }),
      bytes: this.#bytes,
      ...(rate > 0 && { itemsPerSecond: rate }),
      ...(rate > 0 && left !== undefined && { etaSeconds: Math.ceil(left / rate) }),
      attempt: this.#run.attempt,
    };
    this.#run.heartbeat(transferred);
    this.#run.report({ transferred });
  }
}

/**
 * What was sent must have arrived, and something must have been sent where something was.
 * @throws RavenError
 */
export function checkArrival(sent: SmugglerResult, arrived: SmugglerResult, expectedDocuments: number): void {
  if (expectedDocuments > 0 && !sent.counts.documents) {
    throw new RavenError(
      `Nothing was copied, although the source has ${expectedDocuments} documents. The target is not complete.`,
      { kind: failures.nothingCopied, retryable: false },
    );
  }
  for (const kind of ['documents', 'revisions', 'counterGroups', 'timeSeriesEntries'] as const) {
    const [out, into] = [sent.counts[kind] ?? 0, arrived.counts[kind] ?? 0];
    if (out !== into) {
      const message = `The source sent ${out} ${kind}, the target took ${into}; the copy is tried again.`;
      throw new RavenError(message, { kind: 'ItemsLost', retryable: true });
    }
  }
}
