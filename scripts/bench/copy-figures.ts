/** What the measurements of the copy come down to. */
import { peakMb, type Run, ratioOf, round2 } from './figures.ts';

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
  return peakMb([
    ...rounds.flatMap(({ stream, dump }) => [stream, dump]),
    ...kills.flatMap(({ undisturbed, killed }) => [undisturbed, killed]),
  ]);
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
