/** Where a database or shard may be cut into pieces that are read side by side. */

import type { Storage } from '../../core/compare/comparison.ts';
import { cutsBetween, type PieceKind } from '../../core/copy/pieces.ts';
import { askEach } from '../connection/ask-each.ts';
import type { Database } from '../connection/database.ts';
import { decompressed } from '../dump/dump-bytes.ts';
import { etagIn } from '../dump/dump-items.ts';
import { isAttachment } from '../dump/dump-scanner.ts';
import { scan } from '../dump/scan.ts';
import { startExport } from './smuggler.ts';

/** What is cut: all items of a kind in a database that is not sharded, or in a shard. */
export interface Whole {
  kind: PieceKind;
  items: number;
  /** Items of a piece, about. */
  perPiece: number;
  /** Pieces at most. */
  most: number;
}

/** How a storage writes its etags into change vectors. */
type Etags = Pick<Storage, 'databaseId' | 'lastEtag'>;

/**
 * The etags at which a storage can be cut: a piece ends where a change vector says that the next one begins. Items
 * that came from another database (by replication, import or restore) may lack an etag; such a cut is dropped and the
 * two pieces are merged.
 * @throws RavenError
 */
export async function usableCuts(database: Database, etags: Etags, whole: Whole): Promise<number[]> {
  const { databaseId, lastEtag } = etags;
  const { kind } = whole;
  if (cutsBetween(1, lastEtag, whole).length === 0) return [];
  const first = await firstEtag(database, databaseId, kind, 0);
  const cuts = cutsBetween(Math.max(1, first), lastEtag, whole);
  const found = await askEach(database.http.tuning, cuts, (cut) =>
    firstEtag(database, databaseId, kind, cut),
  );
  return cuts.filter((cut, index) => (found[index] ?? 0) >= cut);
}

/** The etag in the change vector of the first item from an etag on; 0 when there is none. */
async function firstEtag(
  database: Database,
  databaseId: string,
  kind: PieceKind,
  from: number,
): Promise<number> {
  const stopReading = new AbortController();
  const running = await startExport(database.within(stopReading.signal), { types: [kind], startEtag: from });
  const etags = scan(decompressed(running.body), (_list, json) =>
    isAttachment(json) ? undefined : etagIn(json, databaseId),
  );
  try {
    for await (const [etag] of etags) return etag ?? 0;
    return 0;
  } finally {
    stopReading.abort();
  }
}
