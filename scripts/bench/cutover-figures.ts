/** What outages come down to. All are milliseconds. */
import { formatCount } from '../../src/core/text/format.ts';
import { conditions, type Setting } from './page.ts';
import { table } from './table.ts';

/** Outages of one migration. */
export interface Outages {
  rehearsals: number[];
  cutovers: number[];
  rollBacks: number[];
}

/** All that is measured with one number of documents. */
export interface CutoverMeasurement extends Outages {
  docs: number;
  /** Of RavenDB's disable and enable alone. */
  bare: number[];
  /** From the beginning of the undoing of a fence until the database serves. */
  undo: number[];
}

/** The smallest value that a share of all do not exceed; NaN of none. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** A round in a line of progress. */
export function describeOutages({ rehearsals, cutovers, rollBacks }: Outages): string {
  return `rehearsals ${brief(rehearsals)}, cutovers ${brief(cutovers)}, roll-backs ${brief(rollBacks)}`;
}

/** The table, as Markdown. */
export function cutoverTable(measurements: readonly CutoverMeasurement[]): string {
  const rows = measurements.map((each) => [
    formatCount(each.docs),
    brief(each.bare),
    brief(each.rehearsals),
    brief(each.cutovers),
    brief(each.rollBacks),
    brief(each.undo),
    (percentile(each.rehearsals, 0.5) / percentile(each.bare, 0.5)).toFixed(1),
  ]);
  const head = [
    'documents',
    'bare disable and enable',
    'rehearsal',
    'cutover',
    'roll-back',
    'undo of a fence',
    'rehearsal : bare',
  ];
  return table(head, rows);
}

/** The part of `docs/benchmarks.md`. */
export function cutoverSection(measurements: readonly CutoverMeasurement[], setting: Setting): string {
  return `## The cutover behind a fence

For how long four writers, 200 writes a second together, have to wait, with ${setting.shards} shards.

${conditions(setting)}

${cutoverTable(measurements)}

- **Each cell**: the median, the 95th percentile in brackets, and how often it was measured.
- **Outage**: from the last write that was acknowledged before it to the first one after it, by any writer. A writer that is refused tries
  again after a few milliseconds. At a cutover and a roll-back an HTTP hook tells the writers at once which database serves.
- **Bare**: the same of \`/admin/databases/disable\` and \`enable\` of the source alone.
- **Undo of a fence**: from its beginning until the database answers and is unlocked, without writers.
`;
}

/** The line of \`--json\`. */
export function cutoverJson({ docs, rehearsals, undo, rollBacks }: CutoverMeasurement): string {
  return JSON.stringify({
    docs,
    outageP50Ms: Math.round(percentile(rehearsals, 0.5)),
    outageP95Ms: Math.round(percentile(rehearsals, 0.95)),
    undoMs: Math.round(percentile(undo, 0.5)),
    rollBackMs: Math.round(percentile(rollBacks, 0.5)),
  });
}

function brief(values: readonly number[]): string {
  if (values.length === 0) return '-';
  const [middle, most] = [percentile(values, 0.5), percentile(values, 0.95)];
  return `${Math.round(middle)} ms (${Math.round(most)}, ${values.length}x)`;
}
