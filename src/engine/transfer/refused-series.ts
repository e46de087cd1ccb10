/**
 * Incremental time series that the import refuses, carried by the time series API. Servers before 7.1 import no segment with
 * deleted entries into a series that is there: those have no tag, and they want one for each entry (`InvalidDataException`).
 */
import type { Pair } from '../../core/contract/contract.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { isRefusal } from '../../ravendb/connection/errors.ts';
import {
  deleteTimeSeries,
  incrementTimeSeries,
  type SeriesEntry,
  type SeriesRange,
} from '../../ravendb/requests/time-series.ts';
import { differingEntries } from './differing-entries.ts';

/** Entries that one request deletes or adds to. */
const BATCH = 1_000;

/**
 * Makes the entries of an incremental time series on the target what they are on the source. Nothing else of the series may
 * arrive later: RavenDB would add it to what counts as the target's own.
 * @returns whether they are the same now
 * @throws RavenError
 */
export async function carryIncrements(
  { source, target }: Pair<Database>,
  series: SeriesRange,
): Promise<boolean> {
  const { id, name } = series;
  const ranges: { From: string; To: string }[] = [];
  const increments: Pick<SeriesEntry, 'Timestamp' | 'Values'>[] = [];
  const flush = async () => {
    const [deleted, added] = [ranges.splice(0), increments.splice(0)];
    if (deleted.length > 0) await deleteTimeSeries(target, { id, name, ranges: deleted });
    if (added.length > 0) await incrementTimeSeries(target, { id, name, increments: added });
  };
  try {
    for await (const { key, left, right } of differingEntries({ source, target }, series)) {
      // an increment adds to what is there
      if (right) ranges.push({ From: key, To: key });
      if (left) increments.push({ Timestamp: key, Values: left.Values });
      if (ranges.length + increments.length >= BATCH) await flush();
    }
    await flush();
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}
