/** How long each phase took, one below the other. */
import type { PhaseTiming, RunReport } from '../core/run/report.ts';
import { formatSeconds } from '../core/text/format.ts';
import { bar, type Cell, type Html, moment, section, table } from './markup.ts';
import { kindOf } from './phases.ts';

/** A row for each time that a phase was entered. */
export function timelineSection({ timings, omitted }: RunReport): Html {
  const work = timings.filter(({ phase }) => kindOf(phase) !== 'wait');
  const longest = Math.max(0, ...work.map(({ seconds }) => seconds));
  const rows = timings.map(({ phase, startedAt, seconds }): Cell[] => [
    phase,
    moment(startedAt),
    formatSeconds(seconds),
    barOf({ phase, seconds, startedAt }, longest),
  ]);
  const left = omitted?.timings ? ` (${omitted.timings} of a long run are left out)` : '';
  return section('Timeline', table(`Phases${left}`, ['Phase', 'Began', { number: 'Took' }, 'Share'], rows));
}

/** Beside the longest work; a time of waiting is as long as the column, whatever it was. */
function barOf({ phase, seconds }: PhaseTiming, longest: number): Cell {
  const kind = kindOf(phase);
  return kind === 'wait' ? bar(1, kind) : bar(longest > 0 ? seconds / longest : 0, kind);
}
