/** The time of a run from left to right, with its phases. */
import { scaleLinear } from 'd3-scale';
import type { RunReport } from '../core/run/report.ts';
import { kindOf, type PhaseKind } from './phases.ts';

/** A phase; places are percent of the width. */
interface Band {
  phase: string;
  kind: PhaseKind;
  from: number;
  to: number;
}

/** Where moments are drawn. */
export interface TimeAxis {
  /** @param at seconds since the run began @returns percent of the width */
  place(at: number): number;
  bands: Band[];
  ticks: { place: number; label: string }[];
  /** Whether time of waiting is drawn shorter than it was. */
  isShortened: boolean;
}

/** From the end of one to the beginning of another, in seconds. */
interface Span {
  kind: PhaseKind;
  from: number;
  to: number;
}

const UNITS = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3_600 },
  { name: 'min', seconds: 60 },
] as const;
const SECOND = { name: 's', seconds: 1 };

/** A day of waiting must not push minutes of work into one line. */
const WAITING_AT_MOST = 1 / 3;
/** Over the whole width. */
const TICKS = 6;
/** Percent that a label needs on a telephone. */
const LABEL_NEEDS = 13;

/** @param until seconds since the run began that the axis reaches at least */
export function timeAxis(report: RunReport, until: number): TimeAxis {
  const phases = phasesOf(report, until);
  const end = phases.at(-1)?.to ?? until;
  const waits = phases.filter(({ kind }) => kind === 'wait');
  const waited = waits.reduce((sum, { from, to }) => sum + to - from, 0);
  const isShortened = waited > end * WAITING_AT_MOST && waited < end;
  const factor = isShortened ? ((end - waited) * WAITING_AT_MOST) / (1 - WAITING_AT_MOST) / waited : 1;
  const drawn = (at: number) =>
    waits.reduce((sum, { from, to }) => sum - (Math.min(at, to) - Math.min(at, from)) * (1 - factor), at);
  const place = (at: number) => (end > 0 ? (100 * drawn(at)) / drawn(end) : 0);
  const stretches = isShortened ? stretchesOf(phases) : [{ from: 0, to: end }];
  const ticks = stretches.flatMap(({ from, to }) =>
    ticksBetween(from, to, (TICKS * (place(to) - place(from))) / 100),
  );
  return {
    place,
    bands: phases.map((phase) => ({ ...phase, from: place(phase.from), to: place(phase.to) })),
    ticks: withRoom(ticks.map(({ at, label }) => ({ place: place(at), label }))),
    isShortened,
  };
}

function phasesOf({ timings, startedAt, endedAt }: RunReport, until: number): (Span & { phase: string })[] {
  const sinceStart = (iso: string) => (Date.parse(iso) - Date.parse(startedAt)) / 1000;
  const begun = timings.map((timing) => ({ ...timing, from: Math.max(0, sinceStart(timing.startedAt)) }));
  const ends = begun.map(({ from, seconds }) => from + seconds);
  const end = Math.max(until, endedAt === null ? 0 : sinceStart(endedAt), ...ends);
  return begun.map(({ phase, from }, index) => ({
    phase,
    kind: kindOf(phase),
    from,
    to: begun[index + 1]?.from ?? end,
  }));
}

/** What is drawn to the same scale: work that follows work, and waiting. */
function stretchesOf(phases: readonly Span[]): Span[] {
  const stretches: Span[] = [];
  for (const { kind, from, to } of phases) {
    const last = stretches.at(-1);
    if (last && (last.kind === 'wait') === (kind === 'wait')) last.to = to;
    else stretches.push({ kind, from, to });
  }
  return stretches;
}

function ticksBetween(from: number, to: number, count: number): { at: number; label: string }[] {
  if (count < 1) return [];
  const { name, seconds } = UNITS.find((unit) => to - from >= 4 * unit.seconds) ?? SECOND;
  const scale = scaleLinear([from / seconds, to / seconds], [0, 1]);
  const label = scale.tickFormat(count);
  return scale.ticks(count).map((tick) => ({ at: tick * seconds, label: `${label(tick)} ${name}` }));
}

function withRoom<Tick extends { place: number }>(ticks: readonly Tick[]): Tick[] {
  const kept: Tick[] = [];
  for (const tick of ticks)
    if (tick.place >= (kept.at(-1)?.place ?? Number.NEGATIVE_INFINITY) + LABEL_NEEDS) kept.push(tick);
  return kept;
}
