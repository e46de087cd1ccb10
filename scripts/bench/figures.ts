/** What runs come down to. */

/** Something that was done once, in a process of its own. */
export interface Run {
  seconds: number;
  peakRssMb: number;
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
 * met the same machine, so what slows the machine down for a while does not weigh in. Rounds without the way are left
 * out.
 */
export function ratioOf<T>(
  rounds: readonly T[],
  way: (round: T) => Run | undefined,
  against: (round: T) => Run,
): number {
  const ratios = rounds.flatMap((round) => {
    const run = way(round);
    return run ? [run.seconds / against(round).seconds] : [];
  });
  return median(ratios);
}

/** The most memory that any of them had. */
export function peakMb(runs: readonly Run[]): number {
  return Math.max(...runs.map(({ peakRssMb }) => peakRssMb));
}

/** A figure for programs. */
export function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
