import type { Position } from '../core/progress.ts';
import {
  type Difference,
  MAX_DIFFERENCES,
  type SideBySide,
  type Verification,
} from '../core/verification.ts';
import { databaseRecord, shardNumbers } from '../ravendb/database.ts';
import { readPosition } from '../ravendb/statistics.ts';
import { carrierOf, carryChanges } from './carrier.ts';
import { DocumentComparison, type Suspect } from './compare-documents.ts';
import { compareClusterItems, countBySide, type Sides } from './compare-items.ts';
import { type Environment, perform, type Run } from './environment.ts';
import { changesBetween } from './position.ts';
import { mendTimeSeries } from './time-series.ts';
import type { Transfer } from './transfer.ts';

/** How often the items compared by number wait for a moment in which nothing is written. */
const TRIES_FOR_A_STILL_MOMENT = 3;

/** A verification, and the position that its rounds have reached. */
export interface Verified {
  verification: Verification;
  position: Position;
}

/** Comparing source and target. */
export function verifyActivities(environment: Environment) {
  return {
    /**
     * Compares every document by content and the other kinds by number. Writes on the source may go on: what
     * differs is carried over once more and looked at again, so that lag is not taken for damage.
     */
    verify: (transfer: Transfer): Promise<Verified> =>
      perform(environment, async (run) => {
        const sides = await sidesOf(run, transfer);
        const documents = await compareDocuments(environment, transfer, sides, run);
        const rest = await compareRest(environment, { ...transfer, from: documents.position }, sides, run);
        const differences = [...documents.differences, ...rest.differences];
        await run.flush();
        const { comparison } = documents;
        return {
          position: rest.position,
          verification: {
            at: new Date().toISOString(),
            depth: 'content',
            mismatches: differences.length + comparison.rangesNotLookedInto,
            differences: differences.slice(0, MAX_DIFFERENCES),
            lagging: documents.lagging,
            documents: comparison.documents(),
            counts: { ...comparison.counts(), ...rest.counts },
            itemsCompared: rest.compared,
            shards: comparison.documentsPerShard(),
          },
        };
      }),
  };
}

async function sidesOf(run: Run, { source, target }: Transfer): Promise<Sides> {
  const into = run.connection(target.connection);
  const record = await databaseRecord(into, target.database);
  return {
    from: run.connection(source.connection),
    into,
    source: source.database,
    target: target.database,
    shards: shardNumbers(record ?? { DatabaseName: target.database }),
  };
}

async function compareDocuments(environment: Environment, transfer: Transfer, sides: Sides, run: Run) {
  const { databaseId } = transfer.from;
  const extraAllowed = transfer.target.allowExistingData;
  const comparison = await DocumentComparison.open(sides, run, { databaseId, extraAllowed });
  let position = transfer.from;
  const damaged = ({ etag }: Suspect) => etag <= position.etag;

  let suspects = await comparison.differing();
  if (suspects.some(damaged)) {
    // what differs twice, with a round between, is damage; anything else was on its way
    const before = new Set(suspects.filter(damaged).map(({ id }) => id));
    position = await catchUpOnce(environment, { ...transfer, from: position }, run);
    suspects = await comparison.differing();
    suspects = suspects.filter((suspect) => !damaged(suspect) || before.has(suspect.id));
  }
  const differences: Difference[] = suspects
    .filter(damaged)
    .map(({ id, what }) => ({ kind: 'document', id, what }));
  return { comparison, position, differences, lagging: suspects.length - differences.length };
}

/** Numbers can be compared only while nothing is written; without such a moment they are shown, not judged. */
async function compareRest(environment: Environment, transfer: Transfer, sides: Sides, run: Run) {
  const extraAllowed = transfer.target.allowExistingData;
  let position = transfer.from;
  for (let attempt = 1; ; attempt++) {
    position = await catchUpOnce(environment, { ...transfer, from: position }, run);
    let counts = await countBySide(sides);
    if (hasSurplus(counts.timeSeriesEntries) && !extraAllowed && carrierOf(transfer).mayDelete) {
      await mendTimeSeries(sides);
      counts = await countBySide(sides);
    }
    const items = await compareClusterItems(sides, extraAllowed);
    const now = await readPosition(sides.from, sides.source);
    const compared = now.etag === position.etag && now.raftIndex === position.raftIndex;
    if (compared) {
      return { counts, compared, position, differences: [...items, ...differencesOf(counts, extraAllowed)] };
    }
    if (attempt === TRIES_FOR_A_STILL_MOMENT) return { counts, compared, position, differences: [] };
  }
}

/** The source may have forgotten a deleted range before a round saw it. */
function hasSurplus(entries: SideBySide | undefined): boolean {
  return entries !== undefined && entries.target > entries.source;
}

/** Carries over what was written since a position, if anything was. */
async function catchUpOnce(environment: Environment, transfer: Transfer, run: Run): Promise<Position> {
  const { source, from } = transfer;
  const now = await readPosition(run.connection(source.connection), source.database);
  if (changesBetween(from, now) === 0) return from;
  await carryChanges(environment, run, transfer, now);
  return now;
}

function differencesOf(counts: Record<string, SideBySide>, extraAllowed: boolean): Difference[] {
  return Object.entries(counts)
    .filter(([, { source, target }]) => (extraAllowed ? target < source : target !== source))
    .map(([kind, { source, target }]) => ({
      kind: 'number of items',
      id: kind,
      what: `${source} on the source, ${target} on the target`,
    }));
}
