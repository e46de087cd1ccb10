/** How fast a run got on and how far its target was behind, over its whole time: few points, however long it takes. */
import type { Phase } from '../contract/phases.ts';

/** Points of a list: a run hands them to the next one, so that they must stay at a few kB. */
const MOST = 120;
/** What is shorter than this part of the whole time says more of when reports came than of speed. */
const LEAST_PART = 60;

/** A moment of a run. */
export interface Moment {
  /** Seconds since the run began. */
  at: number;
  phase: Phase;
}

/** How much was done in a moment. */
export interface WorkPoint extends Moment {
  /** Items that the run has handled so far, as reports told; what a try does again counts again. */
  items: number;
  /** How many phases had been entered that tell of items: a phase may come again. */
  step: number;
}

/** How far the target was behind in a moment. */
export interface LagPoint extends Moment {
  /** Changes on the source that the target lacks, as etags. */
  lag: number;
}

/** What became of a run over time, for its report: at most 120 points each. */
export interface Series {
  work: readonly WorkPoint[];
  lag: readonly LagPoint[];
}

/** The same as plain data that grows. */
export interface GrowingSeries {
  work: Thinned<WorkPoint>;
  lag: Thinned<LagPoint>;
  /** The last report of work. */
  last?: WorkReport;
}

/** What a report says. */
interface WorkReport {
  /** When its phase began. */
  since: string;
  /** Counted from the beginning of what is done. */
  items: number;
  doing?: string;
}

/** Points, and how many seconds lie between two of them at least. */
interface Thinned<Point> {
  apart: number;
  points: Point[];
}

/** Whatever keeps such a series. */
interface Keeper {
  series?: GrowingSeries;
}

/** Takes in how much is done. A report counts from 0 again when something else is done, and from less when a try begins anew. */
export function addWork(keeper: Keeper, { at, phase }: Moment, report: WorkReport): void {
  const series = seriesOf(keeper);
  const { last } = series;
  const { items = 0, step = 0 } = series.work.points.at(-1) ?? {};
  const isSamePhase = last?.since === report.since;
  const before = last?.doing === report.doing ? (last?.items ?? 0) : 0;
  const more = isSamePhase ? Math.max(0, report.items - before) : 0;
  add(series.work, { at, phase, items: items + more, step: isSamePhase ? step : step + 1 });
  series.last = report;
}

/** Takes in how many changes the target lacks. */
export function addLag(keeper: Keeper, { at, phase }: Moment, lag: number): void {
  add(seriesOf(keeper).lag, { at, phase, lag });
}

function seriesOf(keeper: Keeper): GrowingSeries {
  keeper.series ??= { work: { apart: 0, points: [] }, lag: { apart: 0, points: [] } };
  return keeper.series;
}

/** The last point is always the latest: it makes room as long as it is too close to the one before. */
function add<Point extends Moment>(thinned: Thinned<Point>, point: Point): void {
  const { points } = thinned;
  const [before, last] = points.slice(-2);
  if (before && last && last.at - before.at < thinned.apart) points.pop();
  points.push(point);
  if (points.length <= MOST) return;
  thinned.apart = (point.at - (points[0]?.at ?? 0)) / (MOST / 2);
  thinned.points = points.filter(apartBy(thinned.apart));
  if (thinned.points.at(-1) !== point) thinned.points.push(point);
}

function apartBy(seconds: number): (point: Moment) => boolean {
  let kept = Number.NEGATIVE_INFINITY;
  return ({ at }) => {
    if (at - kept < seconds) return false;
    kept = at;
    return true;
  };
}

/** How fast a phase was for a while. */
export interface Rate {
  phase: Phase;
  /** Seconds since the run began. */
  from: number;
  to: number;
  itemsPerSecond: number;
}

/** How fast each phase was; one with a single point says nothing. */
export function ratesOf(points: readonly WorkPoint[]): Rate[] {
  const least = ((points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0)) / LEAST_PART;
  const steps = Map.groupBy(points, ({ step }) => step);
  return [...steps.values()].flatMap((step) => {
    const ends = step.filter(apartBy(least));
    const last = step.at(-1);
    // a short rest belongs to what comes before it
    if (last && ends.at(-1) !== last) ends.splice(Math.max(1, ends.length - 1), 1, last);
    return ends.slice(1).flatMap((end, index) => rateBetween(ends[index] ?? end, end));
  });
}

function rateBetween({ at: from, items, phase }: WorkPoint, { at: to, items: then }: WorkPoint): Rate[] {
  return to > from ? [{ phase, from, to, itemsPerSecond: (then - items) / (to - from) }] : [];
}
