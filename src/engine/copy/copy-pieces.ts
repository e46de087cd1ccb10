/** The first copy, database to database, in pieces. */

import { z } from 'zod';
import type { Piece } from '../../core/copy/pieces.ts';
import {
  type CopiedPiece,
  type CopyPiece,
  type CopyPlan,
  type PieceKind,
  type PieceProgress,
  pieceKinds,
  piecesOf,
} from '../../core/copy/pieces.ts';
import type { Transfer } from '../../core/copy/transfer.ts';
import { decompressed } from '../../ravendb/dump/dump-bytes.ts';
import { databaseCounts, shardedItems, storageStats } from '../../ravendb/requests/statistics.ts';
import { usableCuts } from '../../ravendb/smuggler/etag-cuts.ts';
import { CLUSTER_WIDE } from '../../ravendb/smuggler/item-types.ts';
import { type ItemType, startExport } from '../../ravendb/smuggler/smuggler.ts';
import { assertSomethingCopied } from '../transfer/dump-to-shards.ts';
import { assertSameStorage } from '../transfer/position.ts';
import { routeAround } from '../transfer/set-aside.ts';
import { SurplusExtensions } from '../transfer/surplus-extensions.ts';
import { lastHeartbeat } from '../work/last-heartbeat.ts';
import { openPair, type Work } from '../work/work.ts';

/** What hangs on documents and is exported after them. */
const EXTENSIONS: readonly ItemType[] = ['CounterGroups', 'TimeSeries'];

/** Where a piece stands, and the last attempt that has brought it further; 0 for none. */
interface Heartbeat extends PieceProgress {
  movedBy: number;
}

const heartbeatSchema: z.ZodType<Heartbeat> = z.object({
  next: z.number(),
  items: z.number(),
  bytes: z.number(),
  movedBy: z.number(),
});

/** Cuts the copy into pieces. Changes nothing. */
export async function planCopy(work: Work, transfer: Transfer): Promise<CopyPlan> {
  const { databaseId, etag } = transfer.from;
  const source = work.database(transfer.source);
  const counts = await databaseCounts(source);
  const { documents, revisions, counterGroups, timeSeriesSegments } = counts;
  const items = {
    Documents: documents,
    RevisionDocuments: revisions,
    CounterGroups: counterGroups,
    TimeSeries: timeSeriesSegments,
  };
  const kinds = pieceKinds.filter((kind) => kind === 'Documents' || items[kind] > 0);
  const { itemsPerPiece: perPiece, maxPieces: most } = work.tuning.copy;
  const pieces: Piece[] = [];
  for (const kind of kinds) {
    const whole = { kind, items: items[kind], perPiece, most };
    pieces.push(...piecesOf(kind, await usableCuts(source, { databaseId, lastEtag: etag }, whole), etag));
  }
  const of = (...wanted: PieceKind[]) => pieces.filter(({ kind }) => wanted.includes(kind));
  // counters and time series need the document that they belong to; RavenDB lists revisions in the order in which
  // they came
  const stages = [
    of('Documents'),
    ...of('RevisionDocuments').map((piece) => [piece]),
    of('CounterGroups', 'TimeSeries'),
  ].filter((stage) => stage.length > 0);
  return { stages, totalItems: shardedItems(counts) };
}

/**
 * Copies the items of one piece, shard by shard, in constant memory and with no file between. What was
 * confirmed by the target is not sent again by the next try; when the workflow cancels it, it says how far it
 * came.
 */
export async function copyPiece(work: Work, input: CopyPiece): Promise<CopiedPiece> {
  const { from, piece, number, maxItemsPerSecond } = input;
  const lastTry = lastHeartbeat(work, heartbeatSchema);
  const resumeFrom = standsAt(lastTry) ?? input.reached ?? { next: piece.from, items: 0, bytes: 0 };
  let progress = resumeFrom;
  // what a next try goes on from: items without an etag of this storage do not tell where they stand
  let safe = resumeFrom;
  let movedBy = lastTry?.movedBy ?? 0;
  const tell = (next: PieceProgress) => {
    if (next.next > progress.next) {
      safe = next;
      movedBy = work.attempt;
    }
    progress = next;
    work.heartbeat({ ...safe, movedBy } satisfies Heartbeat);
    work.report({ piece: { number, progress } });
  };
  tell(resumeFrom);
  let reading = new AbortController();
  try {
    const databases = openPair(work, input);
    const { source, target } = databases;
    await assertSameStorage(source, from);
    // only where the target held something before: counters and time series follow the documents
    const surplus =
      piece.kind === 'Documents'
        ? await SurplusExtensions.on(work, target, { allSeriesFollow: true })
        : undefined;
    // an export that does not take counters and time series leaves their names out of the documents, too
    const types = [...withAttachments(piece.kind), ...(surplus ? EXTENSIONS : [])];
    let begin = resumeFrom;
    let finished: () => Promise<unknown> = () => Promise.resolve();
    const open = async () => {
      reading.abort();
      reading = new AbortController();
      begin = safe;
      const running = await startExport(source.within(reading.signal), { types, startEtag: safe.next });
      finished = running.finished;
      return { dump: decompressed(running.body) };
    };
    const whole = await routeAround(work, databases, {
      open,
      databaseId: from.databaseId,
      before: piece.before,
      attemptsInVain: work.attempt - 1 - movedBy,
      itemsPerSecond: maxItemsPerSecond,
      ...(surplus && { takes: (list: string) => list === 'Docs', onItem: surplus.note }),
      onLoad: async ({ items, bytes, etag }) => {
        await surplus?.remove();
        tell({
          next: Math.max(progress.next, etag + 1),
          items: begin.items + items,
          bytes: progress.bytes + bytes,
        });
      },
    });
    if (whole) await finished();
  } catch (error) {
    if (!work.canceledByWorkflow) throw error;
    return { done: false, progress: safe };
  } finally {
    reading.abort();
  }
  return { done: true, progress };
}

function standsAt(heartbeat: Heartbeat | undefined): PieceProgress | undefined {
  if (!heartbeat) return undefined;
  const { next, items, bytes } = heartbeat;
  return { next, items, bytes };
}

function withAttachments(kind: PieceKind): ItemType[] {
  return kind === 'Documents' || kind === 'RevisionDocuments' ? [kind, 'Attachments'] : [kind];
}

/** Copies what belongs to the database as a whole, after the documents. */
export async function copyClusterItems(work: Work, transfer: Transfer): Promise<void> {
  const { source, target } = openPair(work, transfer);
  const types = CLUSTER_WIDE;
  let finished: () => Promise<unknown> = () => Promise.resolve();
  const open = async () => {
    const running = await startExport(source, { types });
    finished = running.finished;
    return { dump: decompressed(running.body) };
  };
  await routeAround(work, { source, target }, { open });
  await finished();
  const [there, here, now] = await Promise.all([
    databaseCounts(source),
    databaseCounts(target),
    storageStats(source),
  ]);
  // what changed since comes with the rounds; as long as nothing did, all documents must be there
  if (now.lastEtag === transfer.from.etag) assertSomethingCopied(here.documents, there.documents);
}
