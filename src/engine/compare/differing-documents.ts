/** Which documents are to be compared one by one. */

import type { Compared, ComparedStorage } from '../../core/compare/comparison.ts';
import { documentIds } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import type { Transfer } from '../../core/copy/transfer.ts';
import { lowerCase } from '../../core/sharding/buckets.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { chunks } from '../work/chunks.ts';
import type { Work } from '../work/work.ts';
import { compareById } from './compare-documents.ts';
import { type DifferingIds, differingIds } from './differing-ids.ts';
import type { Search } from './differing-keys.ts';

/** At most so many documents have their time series read entry by entry; further ones are only counted. */
const MOST_SERIES = 100_000;
const AT_A_TIME = 1_000;

/** A migration, and what both of its sides look like. */
export interface ComparedSides extends Transfer {
  storages: readonly ComparedStorage[];
  compared: Compared;
}

/** What to search after a comparison of a migration's sides. */
export function searchOf({ storages, compared, target, from }: ComparedSides): Search {
  return {
    ...compared,
    // what is newer than the position is still to come
    storages: storages.map((storage) =>
      storage.side === 'source' ? { ...storage, lastEtag: from.etag } : storage,
    ),
    documents: Math.max(compared.documents.source, compared.documents.target),
    mayHaveMore: target.allowExistingData ? 'target' : undefined,
    live: ['source'],
  };
}

/**
 * Finds the ids whose items differ. Segments of time series may differ although their entries are equal, for very many
 * documents at once: RavenDB cuts them as it likes and keeps deleted entries in them. So these documents are compared
 * before they count.
 * @throws RavenError
 */
export async function differingDocuments(
  work: Work,
  search: Search,
  { databases, extraAllowed }: { databases: Pair<Database>; extraAllowed: boolean },
): Promise<DifferingIds> {
  const { TimeSeries, ...others } = search.differing;
  const found = await differingIds(work, { ...search, differing: others });
  if (!TimeSeries) return found;
  const series = await differingIds(work, { ...search, differing: { TimeSeries }, most: MOST_SERIES });
  const known = new Set(found.ids.map(lowerCase));
  const ids = series.ids.filter((id) => !known.has(lowerCase(id)));
  const differing: string[] = [];
  let items = 0;
  for (const some of chunks(ids, AT_A_TIME)) {
    differing.push(...documentIds(await compareById(databases, some, { extraAllowed })));
    items += some.length;
    work.report({ transferred: { doing: 'comparing time series', items, totalItems: ids.length } });
  }
  const looked = differing.slice(0, search.most ?? AT_A_TIME);
  return {
    ids: [...found.ids, ...looked],
    changed: new Set([...found.changed, ...series.changed]),
    more: found.more + series.more + differing.length - looked.length,
  };
}
