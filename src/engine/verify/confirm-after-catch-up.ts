/** Telling damage on the target of a transfer from lag, and mending what no round can bring. */

import {
  type Difference,
  type DifferenceKind,
  differenceKey,
  documentIds,
  ONLY_ON_TARGET,
} from '../../core/compare/verification.ts';
import type { Position } from '../../core/copy/position.ts';
import { deletesOnTarget, type Transfer } from '../../core/copy/transfer.ts';
import { readPosition } from '../../ravendb/requests/statistics.ts';
import { isIncremental } from '../../ravendb/requests/time-series.ts';
import { applyChanges } from '../catch-up/changes.ts';
import {
  type Confirmation,
  type Confirmed,
  confirmDifferences,
  laggardsOf,
} from '../compare/confirm-differences.ts';
import { repairDocuments } from '../repair/documents.ts';
import { repairTimeSeries } from '../repair/extensions.ts';
import { openRepair, type Repair } from '../repair/open-repair.ts';
import { removeSurplusRevisions } from '../repair/revisions.ts';
import { deleteExtraEntries } from '../repair/time-series-entries.ts';
import { changesBetween } from '../transfer/position.ts';
import { openPair, type Work } from '../work/work.ts';

/** How often what no round can bring is mended: a source that is written to makes more of it meanwhile. */
const MAX_REPAIRS = 3;

const SERIES = /^time series "([^"]*)"/;

/**
 * Looks, carries over what has changed, and looks again, so that lag is not taken for damage.
 * @returns also the position that the target has reached
 * @throws RavenError
 */
export async function confirmAfterCatchUp(
  work: Work,
  transfer: Transfer,
  how: Pick<Confirmation, 'look' | 'earlier'>,
): Promise<Confirmed & { position: Position }> {
  let position = transfer.from;
  const databases = openPair(work, transfer);
  const mayRemove = deletesOnTarget(transfer) && !transfer.target.allowExistingData;
  const confirmation: Confirmation = {
    ...how,
    between: async (differences) => {
      position = await catchUpOnce(work, { ...transfer, from: position });
      if (mayRemove) await deleteExtraEntries(databases, differences);
      return ({ etag = 0 }) => etag > position.etag;
    },
  };
  let confirmed = await confirmDifferences(confirmation);
  const tried = new Set<string>();
  const untried = () =>
    mendable(transfer, confirmed.damage).filter((each) => !tried.has(differenceKey(each)));
  // only what has proved to be no lag: a document that is being written to would change under the repair
  let fresh = untried();
  for (let times = 0; times < MAX_REPAIRS && fresh.length > 0; times++) {
    await mend(await openRepair(work, databases), fresh);
    for (const each of fresh) tried.add(differenceKey(each));
    confirmed = await confirmDifferences(confirmation);
    fresh = untried();
  }
  // what has come up since the last mend is of writes that go on; it is mended when all is compared again
  const lagging = new Set(confirmed.laggards.map(({ id }) => id));
  return {
    damage: confirmed.damage.filter((each) => !fresh.includes(each)),
    laggards: [...confirmed.laggards, ...laggardsOf(fresh, how.earlier).filter(({ id }) => !lagging.has(id))],
    position,
  };
}

/** Mends what no round can bring on a source that stands still. @returns what differs then */
export async function mendOnce(
  work: Work,
  transfer: Transfer,
  differences: Difference[],
  look: (ids: readonly string[]) => Promise<Difference[]>,
): Promise<Difference[]> {
  const fresh = mendable(transfer, differences);
  if (fresh.length === 0) return differences;
  await mend(await openRepair(work, openPair(work, transfer)), fresh);
  return await look(documentIds(differences));
}

/** Carries over what was written since a position, if anything was. */
export async function catchUpOnce(work: Work, transfer: Transfer): Promise<Position> {
  const { source, from } = transfer;
  const now = await readPosition(work.database(source));
  if (changesBetween(from, now) === 0) return from;
  await applyChanges(work, transfer, now);
  return now;
}

/**
 * What rounds cannot bring: incremental series that were deleted and grew again while a round was on its way, for an
 * import keeps the larger value; and, where the source may have deleted something without a trace, attachments and
 * revisions that are on the target only.
 */
function mendable(transfer: Transfer, damage: readonly Difference[]): Difference[] {
  const { target, deletionsLost } = transfer;
  if (!deletesOnTarget(transfer)) return [];
  return damage.filter(({ kind, what }) => {
    if (kind === 'time series')
      return !target.allowExistingData && isIncremental(SERIES.exec(what)?.[1] ?? '');
    const mayBeSurplus = kind === 'attachment' || kind === 'revision';
    return mayBeSurplus && deletionsLost === true && what.includes(ONLY_ON_TARGET);
  });
}

/** Copies series anew, and takes away what is on the target only. */
async function mend(repair: Repair, differences: readonly Difference[]): Promise<void> {
  const of = (wanted: DifferenceKind) => documentIds(differences.filter(({ kind }) => kind === wanted));
  const revisions = of('revision');
  await repairTimeSeries(repair, of('time series'));
  await removeSurplusRevisions(repair, revisions);
  // a document that loses a revision gets its id in lower case
  await repairDocuments(repair, [...new Set([...of('attachment'), ...revisions])]);
}
