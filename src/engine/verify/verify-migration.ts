import type { Difference } from '../../core/compare/verification.ts';
import { type Laggard, MAX_DIFFERENCES, type Verification } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import { type Position, sameClusterItems } from '../../core/copy/position.ts';
import type { Transfer } from '../../core/copy/transfer.ts';
import { indexKey } from '../../core/settings/indexes.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { bytesByShard, readPosition } from '../../ravendb/requests/statistics.ts';
import { lookById } from '../compare/confirm-differences.ts';
import { type ComparedSides, differingDocuments, searchOf } from '../compare/differing-documents.ts';
import { skippedCount, withoutSkipped } from '../compare/skipped-items.ts';
import { compareClusterItems } from '../database-wide/differences.ts';
import { alignIndexes } from '../database-wide/indexes.ts';
import { openPair, type Work } from '../work/work.ts';
import { catchUpOnce, confirmAfterCatchUp } from './confirm-after-catch-up.ts';
import { listed } from './listed-differences.ts';

/** How often the items of the database as a whole wait for a moment in which nothing is written. */
const MAX_ATTEMPTS = 3;

/** A verification, and the position that its rounds have reached. */
export interface Verified {
  verification: Verification;
  position: Position;
}

/** What both sides look like, and what lagged when they were looked at before. */
export interface VerifyMigrationInput extends ComparedSides {
  laggards?: readonly Laggard[] | undefined;
  /** Whether an application waits. */
  inDowntime?: boolean;
}

/**
 * Tells from the sums of both sides what differs, down to the item. Writes on the source may go on: what differs
 * is carried over once more and looked at again, so that lag is not taken for damage.
 */
export async function verifyMigration(work: Work, input: VerifyMigrationInput): Promise<Verified> {
  const { compared } = input;
  const databases = openPair(work, input);
  const extraAllowed = input.target.allowExistingData;
  const found = await differingDocuments(work, searchOf(input), { databases, extraAllowed });
  const ids = [...found.ids, ...compared.misplaced.map(({ id }) => id)];
  const look = lookById(databases, ids, extraAllowed);
  const { damage, laggards, position } = await confirmAfterCatchUp(work, input, {
    look: async (among) => withoutSkipped(await look(among), input.skipped),
    earlier: input.laggards,
  });
  const rest = await compareDatabase(work, { ...input, from: position });
  const differences = [...damage, ...withoutSkipped(rest.differences, input.skipped)];
  const { documents, counts, shards } = compared;
  return {
    position: rest.position,
    verification: {
      at: new Date().toISOString(),
      depth: 'full',
      ...listed(differences, found.more),
      ...skippedCount(input.skipped),
      lagging: laggards.length,
      laggards: laggards.slice(0, MAX_DIFFERENCES),
      documents,
      counts,
      itemsCompared: rest.compared,
      shards,
      ...(!input.inDowntime && (await bytesByShard(databases.target))),
    },
  };
}

/** Compares what belongs to the database as a whole, which can be judged only while nobody changes it. */
export async function compareDatabase(work: Work, transfer: Transfer) {
  const databases = openPair(work, transfer);
  let position = transfer.from;
  for (let attempt = 1; ; attempt++) {
    position = await catchUpOnce(work, { ...transfer, from: position });
    const differences = await compareOnceMore(databases, transfer.target.allowExistingData);
    const now = await readPosition(databases.source);
    const compared = sameClusterItems(now, position);
    if (compared) return { compared, position, differences };
    if (attempt === MAX_ATTEMPTS) return { compared, position, differences: [] };
  }
}

/**
 * An index that differs is copied once more before it counts. One that the target's server refuses is reported as not
 * carried, and is not a difference.
 */
async function compareOnceMore(databases: Pair<Database>, extraAllowed: boolean): Promise<Difference[]> {
  const differences = await compareClusterItems(databases, extraAllowed);
  if (!differences.some(({ kind }) => kind === 'index')) return differences;
  const { refused } = await alignIndexes(databases, !extraAllowed);
  const now = await compareClusterItems(databases, extraAllowed);
  return now.filter(({ kind, id }) => kind !== 'index' || !refused.has(indexKey(id)));
}
