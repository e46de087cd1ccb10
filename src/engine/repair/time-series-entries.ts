/**
 * Deletes entries of time series that the source has deleted but the target still has. RavenDB forgets a deleted range
 * after minutes, and then no delta contains it.
 */

import type { Difference } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { deleteTimeSeries, timeSeriesCounts, timestamps } from '../../ravendb/requests/time-series.ts';

/** Deletes the entries that only the target has, in all time series of the documents where some series differ. */
export async function deleteExtraEntries(
  databases: Pair<Database>,
  differences: readonly Difference[],
): Promise<void> {
  const ids = new Set(differences.filter(({ kind }) => kind === 'time series').map(({ id }) => id));
  for (const id of ids) {
    for (const name of (await timeSeriesCounts(databases.target, id)).keys()) {
      await deleteExtraEntriesOf(databases, id, name);
    }
  }
}

async function deleteExtraEntriesOf(
  { source, target }: Pair<Database>,
  id: string,
  name: string,
): Promise<void> {
  for await (const page of timestamps(target, { id, name })) {
    const [first, last] = [page[0], page.at(-1)];
    const kept = new Set<string>();
    for await (const part of timestamps(source, {
      id,
      name,
      ...(first && { first }),
      ...(last && { last }),
    })) {
      for (const each of part) kept.add(each);
    }
    const ranges = page.filter((each) => !kept.has(each)).map((each) => ({ From: each, To: each }));
    if (ranges.length > 0) await deleteTimeSeries(target, { id, name, ranges });
  }
}
