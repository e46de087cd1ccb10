/** The documents to look at, one by one: those of which something differs but the segments of a time series. */

import { documentIds } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import { lowerCase } from '../../core/sharding/buckets.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { chunks } from '../work/chunks.ts';
import type { Work } from '../work/work.ts';
import { compareById } from './compare-documents.ts';
import { type DifferingIds, differingIds, type Search } from './differing-ids.ts';

/** Documents whose time series are read entry by entry at most; of more it is not known whether they differ. */
const MOST_SERIES = 100_000;
const AT_A_TIME = 1_000;

/**
 * Finds the ids whose items differ. Equal entries of a time series may be cut into other segments, and one that was
 * deleted stays in its segment, for very many documents at once: these are compared before they count.
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
  const looked = differing.slice(0, AT_A_TIME);
  return {
    ids: [...found.ids, ...looked],
    changed: new Set([...found.changed, ...series.changed]),
    more: found.more + series.more + differing.length - looked.length,
  };
}
