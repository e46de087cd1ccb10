/** Where a database may be cut into pieces that are read side by side. */

import type { Storage } from '../../core/compare/comparison.ts';
import { cutsBetween, type PieceKind } from '../../core/copy/pieces.ts';
import type { RavenConnection } from '../connection/connection.ts';
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

/** A storage whose etags are in change vectors. */
type CutStorage = Pick<Storage, 'database' | 'databaseId' | 'etag'>;

/**
 * A piece ends where the change vectors say that the next one has begun. Items that came from another database
 * (by replication, import or restore) may not say it; where one is the first of a piece, the two remain one.
 */
export async function usableCuts(
  connection: RavenConnection,
  storage: CutStorage,
  whole: Whole,
): Promise<number[]> {
  const { etag: last } = storage;
  const { kind } = whole;
  if (cutsBetween(1, last, whole).length === 0) return [];
  const first = await firstEtag(connection, storage, kind, 0);
  const cuts = cutsBetween(Math.max(1, first), last, whole);
  const found = await Promise.all(cuts.map((cut) => firstEtag(connection, storage, kind, cut)));
  return cuts.filter((cut, index) => (found[index] ?? 0) >= cut);
}

/** The etag in the change vector of the first item from an etag on; 0 when there is none. */
async function firstEtag(
  connection: RavenConnection,
  storage: CutStorage,
  kind: PieceKind,
  from: number,
): Promise<number> {
  const enough = new AbortController();
  const { http } = connection.within(enough.signal);
  const running = await startExport(http, storage.database, { types: [kind], startEtag: from });
  let etag: number | undefined;
  const scanner = new DumpScanner({
    item: (_section, json) => {
      if (!isAttachment(json)) etag ??= etagIn(json, storage.databaseId);
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
