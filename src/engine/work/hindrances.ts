/** What the source is at work on that a freeze would break off. */
import type { DatabaseRef } from '../../core/contract/contract.ts';
import { hindrancesOf } from '../../core/cutover/hindrances.ts';
import { runningOperations } from '../../ravendb/requests/operations.ts';
import type { Work } from './work.ts';

/**
 * What keeps the source from being frozen now, a sentence each.
 * @param lag changes that the target lacks
 * @throws RavenError
 */
export async function findHindrances(work: Work, source: DatabaseRef, lag = 0): Promise<string[]> {
  const operations = await runningOperations(work.database(source));
  return hindrancesOf({ operations, lag }, work.tuning.cutover, Date.now());
}
