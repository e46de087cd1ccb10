import type { Compared, ComparedStorage } from '../../core/compare/comparison.ts';
import { type Laggard, MAX_DIFFERENCES, type Verification } from '../../core/compare/verification.ts';
import type { Position } from '../../core/copy/position.ts';
import type { Transfer } from '../../core/copy/transfer.ts';
import { readPosition } from '../../ravendb/requests/statistics.ts';
import { lookById } from '../compare/confirm-differences.ts';
import { differingDocuments } from '../compare/differing-documents.ts';
import type { Search } from '../compare/differing-ids.ts';
import { compareClusterItems } from '../database-wide/differences.ts';
import { openPair, type Work } from '../work/work.ts';
import { catchUpOnce, settleTransfer } from './confirm-after-catch-up.ts';

/** How often the items of the database as a whole wait for a moment in which nothing is written. */
const TRIES_FOR_A_STILL_MOMENT = 3;

/** A verification, and the position that its rounds have reached. */
export interface Verified {
  verification: Verification;
  position: Position;
}

/** What both sides look like, and what lagged when they were looked at before. */
export interface Judging extends Transfer {
  storages: readonly ComparedStorage[];
  compared: Compared;
  laggards?: readonly Laggard[] | undefined;
}

/**
 * Tells from the sums of both sides what differs, down to the item. Writes on the source may go on: what differs
 * is carried over once more and looked at again, so that lag is not taken for damage.
 */
export async function verifyMigration(work: Work, input: Judging): Promise<Verified> {
  const { compared } = input;
  const databases = openPair(work, input);
  const extraAllowed = input.target.allowExistingData;
  const search: Search = {
    ...compared,
    // what is newer than the position is still to come
    storages: input.storages.map((storage) =>
      storage.side === 'source' ? { ...storage, lastEtag: input.from.etag } : storage,
    ),
    documents: Math.max(compared.documents.source, compared.documents.target),
    mayHaveMore: extraAllowed ? 'target' : undefined,
    live: ['source'],
  };
  const found = await differingDocuments(work, search, { databases, extraAllowed });
  const ids = [...found.ids, ...compared.misplaced.map(({ id }) => id)];
  const { damage, laggards, position } = await settleTransfer(work, input, {
    look: lookById(databases, ids, extraAllowed),
    earlier: input.laggards,
  });
  const rest = await compareDatabase(work, { ...input, from: position });
  const differences = [...damage, ...rest.differences];
  const { documents, counts, shards } = compared;
  return {
    position: rest.position,
    verification: {
      at: new Date().toISOString(),
      depth: 'full',
      mismatches: differences.length + found.more,
      differences: differences.slice(0, MAX_DIFFERENCES),
      lagging: laggards.length,
      laggards: laggards.slice(0, MAX_DIFFERENCES),
      documents,
      counts,
      itemsCompared: rest.compared,
      shards,
    },
  };
}

/** Compares what belongs to the database as a whole, which can be judged only while nobody changes it. */
export async function compareDatabase(work: Work, transfer: Transfer) {
  const databases = openPair(work, transfer);
  let position = transfer.from;
  for (let attempt = 1; ; attempt++) {
    position = await catchUpOnce(work, { ...transfer, from: position });
    const differences = await compareClusterItems(databases, {
      extraAllowed: transfer.target.allowExistingData,
      mend: true,
    });
    const now = await readPosition(databases.source);
    const compared = now.raftIndex === position.raftIndex;
    if (compared) return { compared, position, differences };
    if (attempt === TRIES_FOR_A_STILL_MOMENT) return { compared, position, differences: [] };
  }
}
