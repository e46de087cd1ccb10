/** Where a database or shard may be cut into pieces that are read side by side. */
import type { Storage } from '../../core/compare/comparison.ts';
import { cutsBetween, type PieceKind } from '../../core/copy/pieces.ts';
import type { Database } from '../connection/database.ts';
import { decompressed } from '../dump/dump-bytes.ts';
import { etagIn } from '../dump/dump-items.ts';
import { DumpScanner, isAttachment } from '../dump/dump-scanner.ts';
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
  const found = await Promise.all(cuts.map((cut) => firstEtag(database, databaseId, kind, cut)));
  return cuts.filter((cut, index) => (found[index] ?? 0) >= cut);
}

/** The etag in the change vector of the first item from an etag on; 0 when there is none. */
async function firstEtag(
  database: Database,
  databaseId: string,
  kind: PieceKind,
  from: number,
): Promise<number> {
  const enough = new AbortController();
  const running = await startExport(database.within(enough.signal), { types: [kind], startEtag: from });
  let etag: number | undefined;
  const scanner = new DumpScanner({
    item: (_section, json) => {
      if (!isAttachment(json)) etag ??= etagIn(json, databaseId);
    },
    blob: () => undefined,
  });
  try {
    for await (const chunk of decompressed(running.body)) {
      scanner.push(chunk as Buffer);
      if (etag !== undefined) break;
    }
  } finally {
    enough.abort();
  }
  return etag ?? 0;
}
