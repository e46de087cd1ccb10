/**
 * Incremental time series that a round could not bring: an import keeps the larger of two values, so that one which was
 * deleted on the source and grew anew, while a round was on its way, may stay too large on the target.
 */
import type { Difference } from '../core/verification.ts';
import { DocumentSide } from './document-side.ts';
import type { Environment, Run } from './environment.ts';
import { isIncremental } from './incremental.ts';
import { repairTimeSeries } from './repair-extensions.ts';
import type { Transfer } from './transfer.ts';

const SERIES = /^time series "([^"]*)"/;

/** Copies the incremental series that differ once more, as a whole. @throws RavenError */
export async function carryIncremental(
  environment: Environment,
  run: Run,
  { source, target }: Transfer,
  differences: readonly Difference[],
): Promise<void> {
  const differing = differences.filter(
    ({ kind, what }) => kind === 'time series' && isIncremental(SERIES.exec(what)?.[1] ?? ''),
  );
  if (differing.length === 0) return;
  const [from, into] = await Promise.all([DocumentSide.open(run, source), DocumentSide.open(run, target)]);
  const repair = {
    environment,
    run,
    source: from,
    target: into,
    sink: { source, target },
    own: new Set<string>(),
  };
  await repairTimeSeries(repair, [...new Set(differing.map(({ id }) => id))]);
}
