/** How fast a run was, and how far its target was behind. */
import { html } from 'ghtml';
import type { RunReport } from '../core/run/report.ts';
import { type LagPoint, type Rate, ratesOf } from '../core/run/series.ts';
import { formatCount, formatSeconds } from '../core/text/format.ts';
import { type ChartPoint, chartOf } from './chart.ts';
import { type Column, details, type Html, section, table } from './markup.ts';
import { type TimeAxis, timeAxis } from './time-axis.ts';

/** Two charts over the same time; none of what has fewer than two points. */
export function overTimeSection(report: RunReport): Html {
  const { work = [], lag = [] } = report.series ?? {};
  const rates = ratesOf(work);
  const axis = timeAxis(report, Math.max(work.at(-1)?.at ?? 0, lag.at(-1)?.at ?? 0));
  return section(
    'Throughput and lag',
    rates.length > 0 ? throughput(rates, axis) : '',
    lag.length > 1 ? behind(lag, axis) : '',
  );
}

function throughput(rates: readonly Rate[], axis: TimeAxis): Html {
  const title = 'Items a second';
  const points = rates.flatMap(({ from, to, itemsPerSecond }, index): ChartPoint[] => [
    { at: from, value: itemsPerSecond },
    ...(rates[index + 1]?.from === to
      ? []
      : [
          { at: to, value: itemsPerSecond },
          { at: to, value: null },
        ]),
  ]);
  const said = [...Map.groupBy(rates, ({ phase }) => phase)].map(
    ([phase, of]) => `${phase}: ${formatRate(averageOf(of))} on average, ${formatRate(mostOf(of))} at most. `,
  );
  const rows = rates.map(({ phase, from, to, itemsPerSecond }) => [
    phase,
    formatSeconds(from),
    formatSeconds(to),
    formatRate(itemsPerSecond),
  ]);
  const columns: Column[] = ['Phase', { number: 'From' }, { number: 'To' }, { number: title }];
  return (
    chartOf({ id: 'throughput', title, said: said.join('') + hint(axis), points, kind: 'work' }, axis) +
    details(`${title}, as a table`, table(title, columns, rows))
  );
}

function behind(lag: readonly LagPoint[], axis: TimeAxis): Html {
  const title = 'Changes that the target lacked';
  const most = lag.reduce((one, other) => (other.lag > one.lag ? other : one));
  if (most.lag === 0) return html`<p class="said">${title}: none, whenever they were counted.</p>`;
  const flowsBack = lag.some(({ phase }) => phase === 'observing' || phase === 'rolling-back');
  const said = [
    `${formatCount(most.lag)} at most, after ${formatSeconds(most.at)} in the phase ${most.phase}; `,
    `${formatCount(lag.at(-1)?.lag ?? 0)} when they were counted last. `,
    flowsBack ? 'From the switch on those that the old database lacked. ' : '',
    hint(axis),
  ].join('');
  const points = lag.map(({ at, lag: value }) => ({ at, value }));
  const rows = lag.map(({ phase, at, lag: changes }) => [phase, formatSeconds(at), formatCount(changes)]);
  const columns: Column[] = ['Phase', { number: 'After' }, { number: 'Changes' }];
  return (
    chartOf({ id: 'lag', title, said, points, kind: 'more' }, axis) +
    details(`${title}, as a table`, table(title, columns, rows))
  );
}

function hint({ isShortened }: TimeAxis): string {
  return isShortened ? 'Time of waiting is drawn shorter than it was.' : '';
}

function averageOf(rates: readonly Rate[]): number {
  const items = rates.reduce((sum, { from, to, itemsPerSecond }) => sum + itemsPerSecond * (to - from), 0);
  return items / rates.reduce((sum, { from, to }) => sum + to - from, 0);
}

function mostOf(rates: readonly Rate[]): number {
  return Math.max(...rates.map(({ itemsPerSecond }) => itemsPerSecond));
}

/** Slow ones with a digit behind the point. */
function formatRate(itemsPerSecond: number): string {
  return itemsPerSecond < 10 ? String(Number(itemsPerSecond.toFixed(1))) : formatCount(itemsPerSecond);
}
