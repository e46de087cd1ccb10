import pMap from 'p-map';
import type { Tuning } from '../../core/contract/tuning.ts';

/**
 * Asks a server for each of a list, a bounded number at a time. Whatever asks for as many things as there are shards,
 * pieces or items goes through here.
 * @returns the answers, in the order of the list
 * @throws the first error
 */
export async function askEach<T, Answer>(
  { requestsAtOnce }: Tuning['connection'],
  list: readonly T[],
  ask: (one: T) => Promise<Answer>,
): Promise<Answer[]> {
  return await pMap(list, ask, { concurrency: requestsAtOnce });
}
