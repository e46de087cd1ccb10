/**
 * Proof that nothing writes to the source. No server can stop writers without stopping us too: the owner of the
 * application stops it, and here it is proved.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseRef } from '../../core/contract/contract.ts';
import { durationMs } from '../../core/contract/duration.ts';
import { failures } from '../../core/contract/failures.ts';
import { countChanges, type Position } from '../../core/copy/position.ts';
import { formatCount } from '../../core/text/format.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { readPosition } from '../../ravendb/requests/statistics.ts';
import { type ClaimInput, markCutOver } from '../prepare/claim.ts';
import type { Work } from '../work/work.ts';
import { assertReady } from './gate.ts';

/**
 * Waits until the source has stood still for `quietFor`.
 * @throws RavenError that is not retryable when that does not begin within `quietWithin`, or when the source is at work
 */
export async function proveQuiet(
  work: Work,
  input: { source: DatabaseRef; quietFor: string; quietWithin: string },
): Promise<Position> {
  const { source, quietFor, quietWithin } = input;
  await assertReady(work, source);
  const database = work.database(source);
  const startedAt = Date.now();
  const first = await readPosition(database);
  let last = first;
  let stillSince = Date.now();
  while (Date.now() - stillSince < durationMs(quietFor)) {
    await sleep(work.tuning.cutover.quietLookMs, undefined, { signal: work.signal });
    const now = await readPosition(database);
    if (samePosition(now, last)) continue;
    last = now;
    stillSince = Date.now();
    if (stillSince - startedAt > durationMs(quietWithin)) throw notQuiet(source, quietWithin, first, now);
  }
  return last;
}

/**
 * Fails when the source has moved since a position. The cutover is done with it, so the claim on the target says from
 * then on that the target serves.
 */
export async function assertSourceUnchanged(
  work: Work,
  { source, position, claim }: { source: DatabaseRef; position: Position; claim?: ClaimInput },
): Promise<void> {
  const now = await readPosition(work.database(source));
  if (samePosition(now, position)) {
    if (claim) await markCutOver(work, claim);
    return;
  }
  throw new RavenError(
    `Something wrote to the source "${source.database}" after the freeze. Stop every writer and approve again.`,
    { kind: failures.sourceNotQuiet, retryable: false },
  );
}

function samePosition(a: Position, b: Position): boolean {
  return a.databaseId === b.databaseId && countChanges(a, b) === 0;
}

function notQuiet(source: DatabaseRef, within: string, first: Position, now: Position): RavenError {
  const changes = formatCount(countChanges(first, now));
  return new RavenError(
    `The source "${source.database}" is still being written to: ${changes} changes within ${within}. ` +
      'Stop the application and every other writer, then approve again.',
    { kind: failures.sourceNotQuiet, retryable: false },
  );
}
