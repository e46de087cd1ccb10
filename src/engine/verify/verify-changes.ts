import type { ComparedStorage } from '../../core/compare/comparison.ts';
import {
  type Difference,
  documentIds,
  type Laggard,
  MAX_DIFFERENCES,
  type Verification,
} from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import type { Transfer } from '../../core/copy/transfer.ts';
import { distinctIds, lowerCase } from '../../core/sharding/buckets.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { documentsByShard } from '../../ravendb/requests/statistics.ts';
import { changedIds } from '../compare/changed-ids.ts';
import { compareById } from '../compare/compare-documents.ts';
import { countDocuments } from '../compare/count-databases.ts';
import { skippedCount, withoutSkipped } from '../compare/skipped-items.ts';
import { chunks } from '../work/chunks.ts';
import { openPair, type Work } from '../work/work.ts';
import { confirmAfterCatchUp, mendOnce } from './confirm-after-catch-up.ts';
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

/** What was accepted, and what was found before the source was closed. */
export interface VerifyFencedInput extends VerifyChangesInput {
  accepted: readonly Difference[];
  clusterDifferences: readonly Difference[];
  /** Collections that indexes of the source write: nobody knows them behind a fence. */
  writtenByIndexes: readonly string[];
}

/**
 * The same for a source that nobody can write to any more, and whose changes are all on the target. What belongs to the
 * database as a whole was compared before.
 * @throws RavenError that is not retryable where all must be read
 */
export async function verifyFenced(work: Work, input: VerifyFencedInput): Promise<Verification> {
  // without what a full comparison has seen, nothing would count as changed
  if (input.storages.length === 0) throw notFenced('Nothing is known of what a full comparison has seen.');
  const ids = await changedOnEitherSide(work, input.storages);
  if (!ids)
    throw notFenced('More has changed since the last full comparison than can be compared behind a fence.');
  const databases = openPair(work, input);
  const look = (among: readonly string[]) => lookAt(databases, among, input);
  const found = await mendOnce(
    work,
    input,
    await look(distinctIds([...ids, ...documentIds(input.accepted)])),
    look,
  );
  const verification = await judged(databases, input, {
    changes: ids.length,
    differences: [...found, ...input.clusterDifferences],
    laggards: [],
    itemsCompared: true,
  });
  if (!verification) {
    const { all, collections } = await countDocuments(databases, input.writtenByIndexes);
    const off = Object.entries(collections).filter(([, { source, target }]) => source !== target);
    const [first] = off.map(([name, { source, target }]) => `${source} and ${target} in ${name}`);
    throw notFenced(
      `The source has ${all.source} documents and the target ${all.target}, ${first ?? ''}, although no document that has changed since the last full comparison differs.`,
    );
  }
  return verification;
}

function notFenced(why: string): RavenError {
  return new RavenError(why, { kind: failures.verificationFailed, retryable: false });
}

async function compareChanges(
  work: Work,
  input: VerifyChangesInput,
  ids: readonly string[],
): Promise<Verified | undefined> {
  const databases = openPair(work, input);
  const tell = (items: number) => work.report({ transferred: { items, totalItems: ids.length } });
  const { damage, laggards, position } = await confirmAfterCatchUp(work, input, {
    look: (among) =>
      among ? lookAt(databases, documentIds(among), input) : lookAt(databases, ids, input, tell),
  });
  const rest = await compareDatabase(work, { ...input, from: position });
  const verification = await judged(databases, input, {
    changes: ids.length,
    differences: [...damage, ...withoutSkipped(rest.differences, input.skipped)],
    laggards,
    itemsCompared: rest.compared,
  });
  return verification && { position: rest.position, verification };
}

/** What differs of documents and of what belongs to them. */
async function lookAt(
  databases: Pair<Database>,
  ids: readonly string[],
  { target, skipped }: Transfer,
  tell?: (items: number) => void,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  let items = 0;
  for (const some of chunks(ids, BATCH)) {
    const found = await compareById(databases, some, { extraAllowed: target.allowExistingData });
    differences.push(...withoutSkipped(found, skipped));
    items += some.length;
    tell?.(items);
  }
  return differences;
}

/** What was found, as a verification; undefined where only the numbers of documents tell of a difference. */
async function judged(
  databases: Pair<Database>,
  input: VerifyChangesInput & Partial<Pick<VerifyFencedInput, 'writtenByIndexes'>>,
  found: {
    changes: number;
    differences: readonly Difference[];
    laggards: readonly Laggard[];
    itemsCompared: boolean;
  },
): Promise<Verification | undefined> {
  const { changes, differences, laggards, itemsCompared } = found;
  const [{ all: documents }, shards] = await Promise.all([
    countDocuments(databases, input.writtenByIndexes),
    documentsByShard(databases.target),
  ]);
  if (isCountOff(input, documents) && differences.length === 0) return undefined;
  return {
    at: new Date().toISOString(),
    depth: 'changes',
    changes: { since: input.since, documents: changes },
    ...listed(differences),
    ...skippedCount(input.skipped),
    lagging: laggards.length,
    laggards: laggards.slice(0, MAX_DIFFERENCES),
    documents,
    counts: {},
    itemsCompared,
    shards,
  };
}

/** Whether the numbers tell of a difference. */
function isCountOff({ skipped = [], target }: Transfer, documents: Pair<number>): boolean {
  const mayLack = skipped.filter(({ kind }) => kind === 'document').length;
  const lacking = documents.source - documents.target;
  return lacking > mayLack || (lacking < 0 && !target.allowExistingData);
}
