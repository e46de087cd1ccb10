/** What stands in the way of a cutover, for people who wait for it. */
import { describeVerification } from '../compare/verification.ts';
import type { RunProgress } from './progress.ts';

/** What a cutover still lacks, a sentence each; empty when it could begin. */
export function lackingForCutover(progress: RunProgress): string[] {
  const { verification, approval, paused, hindrances = [] } = progress;
  const lacking: string[] = [];
  if (paused) lacking.push('The migration is paused.');
  if (!verification) lacking.push('Nothing has been compared yet.');
  else if (verification.mismatches > 0 && approval?.acceptDifferences !== verification.digest)
    lacking.push(`The last comparison found ${describeVerification(verification)}.`);
  return [...lacking, ...hindrances];
}
