/** What the measurements of the verification come down to. */
import type { Pair } from '../../src/core/contract/contract.ts';
import { peakMb, type Run, ratioOf, round2 } from './figures.ts';

/** The same data imported, and compared in each way, one after the other. */
export interface VerifyRound {
  import: Run;
  verify: Run;
  /** The straightforward script: document after document. */
  oneByOne?: Run;
  /** The script of somebody who knows the client better: many documents with each request. */
  inBatches?: Run;
}

/** The scripts that one would write. */
export type Script = 'oneByOne' | 'inBatches';

/** How many documents each loads at a time. */
export const AT_A_TIME: Readonly<Record<Script, number>> = { oneByOne: 1, inBatches: 1_024 };

/** Everything that was measured with one number of documents. */
export interface VerifyMeasurement {
  docs: number;
  rounds: VerifyRound[];
}

/** What a comparison of two equal databases says it has done. */
export interface Compared {
  documents: Pair<number>;
  mismatches: number;
}

/** @throws Error when a comparison found a difference, or left out a document: its time means nothing then */
export function requireWhole(what: string, { documents, mismatches }: Compared, docs: number): void {
  const { source, target } = documents;
  if (source !== docs || target !== docs) {
    throw new Error(
      `${what} compared ${source} documents of the source and ${target} of the target; each has ${docs}.`,
    );
  }
  if (mismatches !== 0) throw new Error(`${what} found differences between equal databases: ${mismatches}.`);
}

/** The verification's time through the import's, and those of the two scripts through the verification's. */
export function verifyRatios({ rounds }: VerifyMeasurement): {
  toImport: number;
  toNaive: number;
  toBatches: number;
} {
  return {
    toImport: ratioOf(
      rounds,
      ({ verify }) => verify,
      ({ import: imported }) => imported,
    ),
    toNaive: ratioOf(
      rounds,
      ({ oneByOne }) => oneByOne,
      ({ verify }) => verify,
    ),
    toBatches: ratioOf(
      rounds,
      ({ inBatches }) => inBatches,
      ({ verify }) => verify,
    ),
  };
}

/** The runs of a script, of the rounds that had it. */
export function runsOf(rounds: readonly VerifyRound[], script: Script): Run[] {
  return rounds.flatMap(({ [script]: run }) => run ?? []);
}

/** The one line for programs. A ratio that was not measured is null. */
export function verifyJsonLine(measurement: VerifyMeasurement): string {
  const { toImport, toNaive } = verifyRatios(measurement);
  return JSON.stringify({
    docs: measurement.docs,
    toImport: round2(toImport),
    toNaive: round2(toNaive),
    peakRssMb: Math.round(peakMb(measurement.rounds.map(({ verify }) => verify))),
  });
}
