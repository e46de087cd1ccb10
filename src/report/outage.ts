/** How long writers waited, beside what they were willing to wait and what was rehearsed. */
import { type MigrateDatabaseConfig, withChosen } from '../core/contract/contract.ts';
import { durationMs } from '../core/contract/duration.ts';
import type { RunReport } from '../core/run/report.ts';
import { formatOutage } from '../core/text/format.ts';
import { bar, type Cell, type Column, type Html, moment, section, table } from './markup.ts';

/** What writers are to wait at most: as the input says, or as is usual for the way in which they are kept out. */
export function budgetOf({ input, freeze }: RunReport): string | undefined {
  const config = input as Partial<MigrateDatabaseConfig>;
  if (config.downtimeBudget !== null) return config.downtimeBudget;
  const settled = { ...(config as MigrateDatabaseConfig), ...(freeze && { freeze }) };
  return withChosen(settled, undefined).downtimeBudget;
}

/** A row for each rehearsal that came to a freeze, for the cutover, and for the budget. */
export function outageSection(report: RunReport): Html {
  const { downtimeSeconds, rehearsals = [], timings } = report;
  const outages = rehearsals.flatMap(({ at, outageSeconds, failure }) =>
    outageSeconds === null
      ? []
      : [{ what: failure === null ? 'Rehearsal' : 'Rehearsal that failed', at, seconds: outageSeconds }],
  );
  if (typeof downtimeSeconds === 'number')
    outages.push({ what: 'Cutover', at: frozenAt(timings), seconds: downtimeSeconds });
  if (outages.length === 0) return '';
  const told = budgetOf(report);
  const budget = told === undefined ? undefined : durationMs(told) / 1000;
  const longest = Math.max(budget ?? 0, ...outages.map(({ seconds }) => seconds));
  const share = (seconds: number) => (longest > 0 ? seconds / longest : 0);
  const rows = outages.map(({ what, at, seconds }): Cell[] => [
    what,
    moment(at),
    formatOutage(seconds),
    bar(share(seconds), what === 'Cutover' ? 'outage' : 'more'),
  ]);
  if (budget !== undefined) rows.push(['Budget', '', formatOutage(budget), bar(share(budget), 'wait')]);
  const columns: Column[] = ['What', 'When', { number: 'Took' }, 'Beside the longest'];
  return section('Write outage', table('Write outages', columns, rows));
}

/** When the freeze began that led to the cutover. */
function frozenAt(timings: RunReport['timings']): string {
  return timings.findLast(({ phase }) => phase === 'freezing')?.startedAt ?? '';
}
