/** What a repair of everything is given, what comes of it, and what a dry run of it says. */

import type { DatabaseRef, Decision, Pair } from '../contract/contract.ts';
import type { ItemName } from '../copy/refused.ts';
import { formatCount } from '../text/format.ts';
import type { Compared, ComparedStorage } from './comparison.ts';
import type { Difference, Repair, Verification } from './verification.ts';

/** What both sides of a comparison look like. */
export interface SidesRead {
  storages: ComparedStorage[];
  compared: Compared;
}

/** Two databases that were read. Their target is to become like their source. */
export interface RepairSides extends Pair<DatabaseRef>, SidesRead {
  /** Whether the target may hold documents, keys and indexes of its own. They are not deleted. */
  allowExtra: boolean;
  /** Items that a person decided to do without. */
  skipped?: readonly ItemName[] | undefined;
}

/** What came of a repair of everything. */
export interface RepairedMany {
  /** Documents of which something was mended. */
  documents: number;
  /** The first differences that are left, and what can be done about them. Empty when they were not looked at again. */
  left: Difference[];
  /** Whether each document was looked at again. Where very many differed, the next comparison says what is left. */
  isChecked: boolean;
}

/** What a repair has mended so far. */
export type MendedSoFar = Pick<Repair, 'before' | 'after' | 'documents'>;

/** A repair after which the next comparison is to say what is left, and how many items differed before it. */
export interface UncheckedRepair {
  repair: MendedSoFar;
  mismatches: number;
}

/** What a repair has done over all of its rounds. */
export function altogether(earlier: MendedSoFar | undefined, last: MendedSoFar): MendedSoFar {
  if (!earlier) return last;
  const documents = (earlier.documents ?? 0) + (last.documents ?? 0);
  return { before: earlier.before, after: last.after, documents };
}

/** Whether a comparison ends a repair, which goes on while each of its rounds leaves less. */
export function isRepairOver(
  before: UncheckedRepair,
  { mismatches }: Pick<Verification, 'mismatches'>,
): boolean {
  return mismatches === 0 || mismatches >= before.mismatches;
}

/** How much a repair would mend. All but the keys, identities and indexes are numbers of documents. */
export interface RepairForecast {
  /** Documents that the target lacks. */
  missing: number;
  /** Documents whose content or metadata differs. */
  changed: number;
  /** Documents that would be deleted on the target. */
  onlyOnTarget: number;
  /** Documents whose attachments, counters, time series or revisions differ, whether or not they are counted above. */
  attachments: number;
  counters: number;
  timeSeries: number;
  revisions: number;
  compareExchange: number;
  identities: number;
  indexes: number;
  /** Whether so many time series were cut differently by RavenDB that their number is only an upper bound. */
  timeSeriesAtMost: boolean;
}

/** A forecast of nothing. */
export const NOTHING_TO_REPAIR: RepairForecast = {
  missing: 0,
  changed: 0,
  onlyOnTarget: 0,
  attachments: 0,
  counters: 0,
  timeSeries: 0,
  revisions: 0,
  compareExchange: 0,
  identities: 0,
  indexes: 0,
  timeSeriesAtMost: false,
};

/** A dry run that is done: who asked for it, when it ended, and what it found. */
export interface RepairDryRun extends Decision {
  at: string;
  found: RepairForecast;
}

/** One sentence on what a repair would mend. */
export function describeForecast(found: RepairForecast): string {
  const { timeSeriesAtMost } = found;
  const parts: [number, string][] = [
    [found.missing, 'missing'],
    [found.changed, 'changed'],
    [found.onlyOnTarget, 'on the target only, to be deleted'],
    [found.attachments, 'with other attachments'],
    [found.counters, 'with other counters'],
    [found.timeSeries, 'with other time series'],
    [found.revisions, 'with other revisions'],
  ];
  const documents = parts
    .filter(([count]) => count > 0)
    .map(([count, how]) => {
      const most = timeSeriesAtMost && how === 'with other time series' ? 'at most ' : '';
      return `${most}${formatCount(count)} ${how}`;
    });
  const others = [
    [found.compareExchange, 'compare-exchange keys'] as const,
    [found.identities, 'identities'] as const,
    [found.indexes, 'indexes'] as const,
  ]
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${what}: ${formatCount(count)}`);
  const texts = [...(documents.length > 0 ? [`documents: ${documents.join(', ')}`] : []), ...others];
  return texts.length > 0 ? texts.join('; ') : 'nothing to mend';
}
