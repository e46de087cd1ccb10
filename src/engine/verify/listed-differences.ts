import { createHash } from 'node:crypto';
import {
  type Difference,
  differenceKey,
  MAX_DIFFERENCES,
  type Verification,
} from '../../core/compare/verification.ts';

/**
 * The part of a verification that lists what differs. The digest is the same for the same differences in any order.
 * @param more how many other differences there are
 */
export function listed(
  differences: readonly Difference[],
  more = 0,
): Pick<Verification, 'mismatches' | 'differences' | 'digest'> {
  const mismatches = differences.length + more;
  return {
    mismatches,
    differences: differences.slice(0, MAX_DIFFERENCES),
    ...(mismatches > 0 && mismatches <= MAX_DIFFERENCES && { digest: digestOf(differences) }),
  };
}

function digestOf(differences: readonly Difference[]): string {
  const keys = differences.map(differenceKey).toSorted();
  return createHash('sha256').update(keys.join('\n')).digest('hex').slice(0, 12);
}
