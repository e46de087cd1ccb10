import type { ComparedStorage } from '../../core/compare/comparison.ts';
import { documentIds, MAX_DIFFERENCES } from '../../core/compare/verification.ts';
import type { Transfer } from '../../core/copy/transfer.ts';
import { lowerCase } from '../../core/sharding/buckets.ts';
import { documentsByShard } from '../../ravendb/requests/statistics.ts';
import { changedIds } from '../compare/changed-ids.ts';
import { compareById } from '../compare/compare-documents.ts';
import { countDocuments } from '../compare/count-databases.ts';
import { skippedCount, withoutSkipped } from '../compare/skipped-items.ts';
import { chunks } from '../work/chunks.ts';
import { openPair, type Work } from '../work/work.ts';
import { confirmAfterCatchUp } from './confirm-after-catch-up.ts';
import { listed } from './listed-differences.ts';
import { compareDatabase, type Verified } from './verify-migration.ts';

/** What a full comparison found equal, when its reading began. */
export interface VerifyChangesInput extends Transfer {
  storages: readonly ComparedStorage[];
  /** ISO time of that comparison. */
  since: string;
}

/** Ids that are compared one by one; for more it is faster to read everything. */
const MOST_IDS = 200_000;
const BATCH = 1_000;

/**
 * Compares every document that has changed on either side since a full comparison, with all that belongs to it, so
 * that how long a frozen source waits depends on what changed and not on what there is. For a source that stands
 * still and a target in step with it.
 * @returns undefined where all must be read: so much has changed, or the numbers of documents differ although
 *   nothing else does, since a document that somebody deleted on the target may have left no trace
 */
export async function verifyChanges(work: Work, input: VerifyChangesInput): Promise<Verified | undefined> {
  const ids = await changedOnEitherSide(work, input.storages);
  if (!ids) return undefined;
  const verified = await compareChanges(work, input, ids);
  return verified;
}

/** What rounds have written to the target is among it, and whatever anybody else has. */
async function changedOnEitherSide(
  work: Work,
  storages: readonly ComparedStorage[],
): Promise<string[] | undefined> {
  const changed = new Map<string, string>();
  for (const storage of storages) {
    for await (const ids of changedIds(work.database(storage), storage.lastEtag)) {
      for (const id of ids) changed.set(lowerCase(id), id);
      if (changed.size > MOST_IDS) return undefined;
    }
  }
  return [...changed.values()];
}

async function compareChanges(
  work: Work,
  input: VerifyChangesInput,
  ids: readonly string[],
): Promise<Verified | undefined> {
  const extraAllowed = input.target.allowExistingData;
  const databases = openPair(work, input);
  const { damage, laggards, position } = await confirmAfterCatchUp(work, input, {
    look: async (among) => {
      const differences = [];
      const looked = among ? documentIds(among) : ids;
      let items = 0;
      for (const some of chunks(looked, BATCH)) {
        const found = await compareById(databases, some, { extraAllowed });
        differences.push(...withoutSkipped(found, input.skipped));
        items += some.length;
        if (!among) work.report({ transferred: { items, totalItems: ids.length } });
      }
      return differences;
    },
  });
  const rest = await compareDatabase(work, { ...input, from: position });
  const differences = [...damage, ...withoutSkipped(rest.differences, input.skipped)];
  const [{ all: documents }, shards] = await Promise.all([
    countDocuments(databases),
    documentsByShard(databases.target),
  ]);
  const mayLack = (input.skipped ?? []).filter(({ kind }) => kind === 'document').length;
  const lacking = documents.source - documents.target;
  const isCountOff = lacking > mayLack || (lacking < 0 && !extraAllowed);
  if (isCountOff && differences.length === 0) return undefined;
  return {
    position: rest.position,
    verification: {
      at: new Date().toISOString(),
      depth: 'changes',
      changes: { since: input.since, documents: ids.length },
      ...listed(differences),
      ...skippedCount(input.skipped),
      lagging: laggards.length,
      laggards: laggards.slice(0, MAX_DIFFERENCES),
      documents,
      counts: {},
      itemsCompared: rest.compared,
      shards,
    },
  };
}
