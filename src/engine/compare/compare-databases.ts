/** Finding the differences between any two databases. Writes nothing on either side. */

import type { Compared, ComparedStorage } from '../../core/compare/comparison.ts';
import {
  type Difference,
  type Laggard,
  MAX_DIFFERENCES,
  type Verification,
} from '../../core/compare/verification.ts';
import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { bytesByShard } from '../../ravendb/requests/statistics.ts';
import { compareClusterItems, compareSettings } from '../database-wide/differences.ts';
import { openPair, type Work } from '../work/work.ts';
import { type Confirmed, confirmDifferences, lookById } from './confirm-differences.ts';
import { detectWrites } from './detect-writes.ts';
import { differingDocuments } from './differing-documents.ts';
import type { Search } from './differing-keys.ts';

/** Differing keys beyond this number are only counted. */
const MAX_KEYS = 1_000;

/** Two databases that were read. */
export interface CompareDatabasesInput extends Pair<DatabaseRef> {
  allowExtra: boolean;
  storages: readonly ComparedStorage[];
  compared: Compared;
  /** What lagged in the comparison before. */
  laggards?: readonly Laggard[] | undefined;
}

/**
 * Finds the differing items behind sums that differ. Both sides may be written to: what was written between two looks
 * lags; what differs in the same way twice is a difference.
 */
export async function compareDatabases(work: Work, input: CompareDatabasesInput): Promise<Verification> {
  const { compared, allowExtra } = input;
  const databases = openPair(work, input);
  const search: Search = {
    ...compared,
    storages: input.storages,
    documents: Math.max(compared.documents.source, compared.documents.target),
    mayHaveMore: allowExtra ? 'target' : undefined,
    live: ['source', 'target'],
  };
  const found = await differingDocuments(work, search, { databases, extraAllowed: allowExtra });
  const ids = [...found.ids, ...compared.misplaced.map(({ id }) => id)];
  const documents = await confirmDifferences({
    look: lookById(databases, ids, allowExtra),
    earlier: input.laggards,
    between: detectWrites(work, databases),
  });
  const rest = await confirmRest(work, databases, allowExtra);
  const differences = [...documents.damage, ...rest.damage];
  const laggards = [...documents.laggards, ...rest.laggards];
  return {
    at: new Date().toISOString(),
    depth: 'full',
    mismatches: differences.length + found.more + rest.more,
    differences: differences.slice(0, MAX_DIFFERENCES),
    lagging: laggards.length,
    laggards: laggards.slice(0, MAX_DIFFERENCES),
    documents: compared.documents,
    counts: compared.counts,
    itemsCompared: rest.laggards.length === 0,
    shards: compared.shards,
    ...(await bytesByShard(databases.target)),
  };
}

/** Compares what belongs to the databases as a whole. */
async function confirmRest(
  work: Work,
  databases: Pair<Database>,
  extraAllowed: boolean,
): Promise<Confirmed & { more: number }> {
  let more = 0;
  const all = async () => [
    ...(await compareClusterItems(databases, extraAllowed)),
    ...(await compareSettings(databases, extraAllowed)),
  ];
  const confirmed = await confirmDifferences({
    look: async (among) => {
      const found = await all();
      more = Math.max(0, found.length - MAX_KEYS);
      const wanted = among && new Set(among.map(itemKey));
      return wanted ? found.filter((each) => wanted.has(itemKey(each))) : found.slice(0, MAX_KEYS);
    },
    between: detectWrites(work, databases),
  });
  return { ...confirmed, more };
}

function itemKey({ kind, id }: Difference): string {
  return JSON.stringify([kind, id]);
}
