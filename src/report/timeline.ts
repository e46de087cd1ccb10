/** How long each phase took, one below the other. */
import type { WorkingPhase } from '../core/contract/phases.ts';
import type { PhaseTiming, RunReport } from '../core/run/report.ts';
import { formatSeconds } from '../core/text/format.ts';
import { bar, type Cell, type Html, section, table } from './markup.ts';
import { utc } from './text.ts';

/** In which a run waits for people: days beside minutes of work. */
const WAITING: ReadonlySet<WorkingPhase> = new Set(['awaiting-approval', 'awaiting-repair', 'observing']);
/** In which writers wait. */
const OUTAGE: ReadonlySet<WorkingPhase> = new Set([
  'freezing',
  'draining',
  'final-verifying',
  'rolling-back',
]);

/** A row for each time that a phase was entered. */
export function timelineSection({ timings, omitted }: RunReport): Html {
  const longest = Math.max(
    0,
    ...timings.filter(({ phase }) => !WAITING.has(phase)).map(({ seconds }) => seconds),
  );
  const rows = timings.map(({ phase, startedAt, seconds }): Cell[] => [
    phase,
    utc(startedAt),
    formatSeconds(seconds),
    barOf({ phase, seconds, startedAt }, longest),
  ]);
  const left = omitted?.timings ? ` (${omitted.timings} of a long run are left out)` : '';
  return section('Timeline', table(`Phases${left}`, ['Phase', 'Began', { number: 'Took' }, 'Share'], rows));
}

/** Beside the longest work; a time of waiting is as long as the column, whatever it was. */
function barOf({ phase, seconds }: PhaseTiming, longest: number): Cell {
  if (WAITING.has(phase)) return bar(1, 'wait');
  return bar(longest > 0 ? seconds / longest : 0, OUTAGE.has(phase) ? 'outage' : 'work');
}
