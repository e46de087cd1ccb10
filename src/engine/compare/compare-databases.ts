/** Finding what differs between any two databases. Writes nothing, on either side. */

import type { Compared, ComparedStorage } from '../../core/compare/comparison.ts';
import {
  type Difference,
  type Laggard,
  MAX_DIFFERENCES,
  type Verification,
} from '../../core/compare/verification.ts';
import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import { settingDifferences } from '../../core/settings/setting-differences.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { databaseRecord } from '../../ravendb/requests/databases.ts';
import { serverInfo } from '../../ravendb/requests/server.ts';
import { compareClusterItems } from '../database-wide/differences.ts';
import { openPair, type Work } from '../work/work.ts';
import { lookById, type Settled, settle } from './confirm-differences.ts';
import { detectWrites } from './detect-writes.ts';
import { differingDocuments } from './differing-documents.ts';
import type { Search } from './differing-ids.ts';

/** More differing keys than this are only counted. */
const MAX_KEYS = 1_000;

/** Two databases that were read. */
export interface JudgingDatabases extends Pair<DatabaseRef> {
  allowExtra: boolean;
  storages: readonly ComparedStorage[];
  compared: Compared;
  /** What lagged when they were compared before. */
  laggards?: readonly Laggard[] | undefined;
}

/**
 * Tells from the sums of both sides what differs, down to the item. Both may be written to: what was written
 * between two looks lags, what is the same in both differs.
 */
export async function compareDatabases(work: Work, input: JudgingDatabases): Promise<Verification> {
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
  const documents = await settle({
    look: lookById(databases, ids, allowExtra),
    earlier: input.laggards,
    between: detectWrites(work, databases),
  });
  const rest = await settleRest(work, databases, allowExtra);
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
  };
}

/** What belongs to the databases as a whole. */
async function settleRest(
  work: Work,
  databases: Pair<Database>,
  extraAllowed: boolean,
): Promise<Settled & { more: number }> {
  let more = 0;
  const all = async () => [
    ...(await compareClusterItems(databases, { extraAllowed, mend: false })),
    ...(await compareSettings(databases, extraAllowed)),
  ];
  const settled = await settle({
    look: async (among) => {
      const found = await all();
      more = Math.max(0, found.length - MAX_KEYS);
      const wanted = among && new Set(among.map(keyOf));
      return wanted ? found.filter((each) => wanted.has(keyOf(each))) : found.slice(0, MAX_KEYS);
    },
    between: detectWrites(work, databases),
  });
  return { ...settled, more };
}

function keyOf({ kind, id }: Difference): string {
  return JSON.stringify([kind, id]);
}

async function compareSettings(
  { source, target }: Pair<Database>,
  extraAllowed: boolean,
): Promise<Difference[]> {
  const [ours, theirs, there, here] = await Promise.all([
    databaseRecord(source),
    databaseRecord(target),
    serverInfo(source.connection),
    serverInfo(target.connection),
  ]);
  const sameVersion = there.version === here.version;
  return settingDifferences(ours ?? {}, theirs ?? {}, { extraAllowed, sameVersion });
}
