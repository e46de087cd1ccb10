/** The gate before a freeze. */
import type { DatabaseRef } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { findHindrances } from '../work/hindrances.ts';
import type { Work } from '../work/work.ts';

/** @throws RavenError of the type `NotReady` when the source is at work on what a freeze would break off */
export async function assertReady(work: Work, source: DatabaseRef): Promise<void> {
  const hindrances = await findHindrances(work, source);
  if (hindrances.length === 0) return;
  throw new RavenError(hindrances.join(' '), { kind: failures.notReady, retryable: false });
}
