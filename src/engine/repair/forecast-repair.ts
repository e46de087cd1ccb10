import type { RepairForecast, RepairSides } from '../../core/compare/repair.ts';
import type { DifferenceKind } from '../../core/compare/verification.ts';
import type { PieceKind } from '../../core/copy/pieces.ts';
import { findDiffering } from '../compare/find-differing.ts';
import { withoutSkipped } from '../compare/skipped-items.ts';
import { compareClusterItems } from '../database-wide/differences.ts';
import { openPair, type Work } from '../work/work.ts';

/** Says how much a repair would mend. Writes nothing. */
export async function forecastRepair(work: Work, sides: RepairSides): Promise<RepairForecast> {
  const { kinds, attachments, timeSeriesAtMost } = await findDiffering(work, sides, {
    most: 0,
    attachments: true,
  });
  const found = await compareClusterItems(openPair(work, sides), sides.allowExtra);
  const others = withoutSkipped(found, sides.skipped);
  const count = (wanted: DifferenceKind) => others.filter(({ kind }) => kind === wanted).length;
  const all = (kind: PieceKind) => {
    const { source, target, both } = kinds[kind]?.counts ?? { source: 0, target: 0, both: 0 };
    return source + target + both;
  };
  const documents = kinds.Documents?.counts;
  return {
    missing: documents?.source ?? 0,
    changed: documents?.both ?? 0,
    onlyOnTarget: documents?.target ?? 0,
    attachments,
    counters: all('CounterGroups'),
    timeSeries: all('TimeSeries'),
    revisions: all('RevisionDocuments'),
    compareExchange: count('compare exchange'),
    identities: count('identity'),
    indexes: count('index'),
    timeSeriesAtMost,
  };
}
