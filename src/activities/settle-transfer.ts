/** Telling damage on the target of a transfer from lag, and mending what no round can bring. */
import type { Position } from '../core/progress.ts';
import { type Difference, type DifferenceKind, ONLY_ON_TARGET } from '../core/verification.ts';
import { readPosition } from '../ravendb/statistics.ts';
import { carrierOf, carryChanges } from './carrier.ts';
import type { Environment, Run } from './environment.ts';
import { isIncremental } from './incremental.ts';
import { changesBetween } from './position.ts';
import { repairDocuments } from './repair-documents.ts';
import { openRepair } from './repair-environment.ts';
import { repairTimeSeries } from './repair-extensions.ts';
import { removeSurplusRevisions } from './repair-revisions.ts';
import { idsOf, type Settled, type Settling, settle } from './settle.ts';
import { mendTimeSeries } from './time-series.ts';
import type { Transfer } from './transfer.ts';

/** How often what no round can bring is mended: a source that is written to makes more of it meanwhile. */
const MENDS = 3;

const SERIES = /^time series "([^"]*)"/;

/**
 * Looks, carries over what has changed, and looks again, so that lag is not taken for damage.
 * @returns also the position that the target has reached
 * @throws RavenError
 */
export async function settleTransfer(
  environment: Environment,
  run: Run,
  transfer: Transfer,
  how: Pick<Settling, 'look' | 'earlier'>,
): Promise<Settled & { position: Position }> {
  let position = transfer.from;
  const mayRemove = carrierOf(transfer).mayDelete && !transfer.target.allowExistingData;
  const settling: Settling = {
    ...how,
    between: async (differences) => {
      position = await catchUpOnce(environment, { ...transfer, from: position }, run);
      if (mayRemove) await mendTimeSeries(run, transfer, differences);
      return ({ etag = 0 }) => etag > position.etag;
    },
  };
  let settled = await settle(settling);
  // only what has proved to be no lag: a document that is being written to would change under the repair
  for (let times = 0; times < MENDS && (await mend(environment, run, transfer, settled.damage)); times++)
    settled = await settle(settling);
  return { ...settled, position };
}

/** Carries over what was written since a position, if anything was. */
export async function catchUpOnce(environment: Environment, transfer: Transfer, run: Run): Promise<Position> {
  const { source, from } = transfer;
  const now = await readPosition(run.connection(source.connection), source.database);
  if (changesBetween(from, now) === 0) return from;
  await carryChanges(environment, run, transfer, now);
  return now;
}

/**
 * Mends what rounds cannot bring: incremental series that were deleted and grew again while a round was on its way, for
 * an import keeps the larger value, are copied anew; and, where the source may have deleted something without a trace,
 * attachments and revisions go that are on the target only.
 * @returns whether anything was mended
 */
async function mend(
  environment: Environment,
  run: Run,
  transfer: Transfer,
  damage: readonly Difference[],
): Promise<boolean> {
  const { target, deletionsLost } = transfer;
  if (!carrierOf(transfer).mayDelete) return false;
  const of = (wanted: DifferenceKind, test: (what: string) => boolean) =>
    idsOf(damage.filter(({ kind, what }) => kind === wanted && test(what)));
  const surplus = (what: string) => deletionsLost === true && what.includes(ONLY_ON_TARGET);
  const series = target.allowExistingData
    ? []
    : of('time series', (what) => isIncremental(SERIES.exec(what)?.[1] ?? ''));
  const revisions = of('revision', surplus);
  // a document that loses a revision gets its id in lower case
  const documents = [...new Set([...of('attachment', surplus), ...revisions])];
  if (series.length + documents.length === 0) return false;
  const repair = await openRepair(environment, run, transfer);
  await repairTimeSeries(repair, series);
  await removeSurplusRevisions(repair, revisions);
  await repairDocuments(repair, documents);
  return true;
}
