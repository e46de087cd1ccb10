/** Rehearsals of a cutover: all of it but the switch, to know what it costs before it counts. */
import type { Decision } from '../contract/contract.ts';
import { formatOutage } from '../text/format.ts';

/** One rehearsal. */
export interface Rehearsal extends Decision {
  at: string;
  /** From the freeze until the source served again, in seconds; null when it never came to the freeze. */
  outageSeconds: number | null;
  /** Why a cutover would have failed; null when it would have succeeded. */
  failure: string | null;
}

/** How many rehearsals a run remembers. */
export const MOST_REHEARSALS = 40;

/** One rehearsal, in a sentence. */
export function describeRehearsal({ outageSeconds, failure }: Rehearsal): string {
  const outage =
    outageSeconds === null ? 'nothing was frozen' : `an outage of ${formatOutage(outageSeconds)}`;
  return failure === null ? outage : `${outage}; the cutover would have failed: ${failure}`;
}

/** What the rehearsals so far say of the outage to expect; undefined without any that was whole. */
export function describeRehearsals(rehearsals: readonly Rehearsal[]): string | undefined {
  const last = rehearsals.at(-1);
  if (!last) return undefined;
  if (last.failure !== null) return `the last one: ${describeRehearsal(last)}`;
  const outages = rehearsals
    .flatMap(({ outageSeconds, failure }) => (outageSeconds === null || failure ? [] : [outageSeconds]))
    .toSorted((a, b) => a - b);
  const usual = outages[Math.floor(outages.length / 2)] ?? 0;
  return outages.length === 1
    ? `an outage of ${formatOutage(usual)} is to be expected`
    : `an outage of ${formatOutage(usual)} is to be expected, ${formatOutage(outages.at(-1) ?? 0)} at most (${outages.length} rehearsals)`;
}
