/** What the measurements come down to. */

/** One copy, or one whole migration. */
export interface Run {
  seconds: number;
  peakRssMb: number;
}

/** A whole migration whose worker was killed. */
export interface KilledRun extends Run {
  /** Documents on the target when the worker was killed. */
  killedAt: number;
}

/** The same data copied in each way, one after the other. */
export interface Round {
  bare: Run;
  stream: Run;
  dump: Run;
}

/** The same data migrated as a whole, undisturbed and with a killed worker, one after the other. */
export interface KillRound {
  undisturbed: Run;
  killed: KilledRun;
}

/** Everything that was measured with one number of documents. */
export interface Measurement {
  docs: number;
  rounds: Round[];
  kills: KillRound[];
}

/** The middle of some numbers, NaN when there are none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/**
 * How long one way took in comparison with another: the median of the ratios of each round. Both runs of a round
 * met the same machine, so what slows the machine down for a while does not weigh in.
 */
export function ratioOf<T>(rounds: readonly T[], way: (round: T) => Run, against: (round: T) => Run): number {
  return median(rounds.map((round) => way(round).seconds / against(round).seconds));
}

/** Shardlift's time through the time of the bare script, and of a killed worker through an undisturbed one. */
export function ratios({ rounds, kills }: Measurement): {
  stream: number;
  dump: number;
  killedAtHalf: number;
} {
  return {
    stream: ratioOf(
      rounds,
      ({ stream }) => stream,
      ({ bare }) => bare,
    ),
    dump: ratioOf(
      rounds,
      ({ dump }) => dump,
      ({ bare }) => bare,
    ),
    killedAtHalf: ratioOf(
      kills,
      ({ killed }) => killed,
      ({ undisturbed }) => undisturbed,
    ),
  };
}

/** The most memory that any worker had in use. */
export function workerPeakMb({ rounds, kills }: Measurement): number {
  const runs = [
    ...rounds.flatMap(({ stream, dump }) => [stream, dump]),
    ...kills.flatMap(({ undisturbed, killed }) => [undisturbed, killed]),
  ];
  return Math.max(...runs.map(({ peakRssMb }) => peakRssMb));
}

/** The one line for programs. A ratio that was not measured is null. */
export function jsonLine(measurement: Measurement): string {
  const { stream, dump, killedAtHalf } = ratios(measurement);
  return JSON.stringify({
    docs: measurement.docs,
    ratio: { stream: round2(stream), dump: round2(dump) },
    killedAtHalf: round2(killedAtHalf),
    peakRssMb: Math.round(workerPeakMb(measurement)),
  });
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
