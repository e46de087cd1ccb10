/** Which request is allowed when. One set of rules for updates, which answer, and signals, which cannot. */

import { describeVerification } from '../compare/verification.ts';
import { type RequestName, requests } from '../contract/contract.ts';
import { isFinal, isFrozen, workingPhases } from '../contract/phases.ts';
import type { Progress } from './progress.ts';

/** Why a request is refused now; undefined when it is allowed. */
export function refusalOf(request: RequestName, progress: Progress): string | undefined {
  const { phase, paused, method } = progress;
  if (isFinal(phase)) return `The migration has ended (${phase}).`;
  switch (request) {
    case requests.approve:
      return refusalOfApproval(progress);
    case requests.reject:
      return phase === 'awaiting-approval'
        ? undefined
        : `There is nothing to reject while ${phase}; use ${requests.abort} to end the migration.`;
    case requests.repair:
      return refusalOfRepair(progress);
    case requests.pause:
      if (phase === 'completing') return 'The cutover is done; there is nothing left to pause.';
      if (isFrozen(phase))
        return `The source is frozen (${phase}); use ${requests.abort} to thaw it and end.`;
      return paused ? 'The migration is paused already.' : undefined;
    case requests.resume:
      return paused ? undefined : 'The migration is not paused.';
    case requests.throttle:
      if (method === 'replication')
        return "RavenDB's replication knows no limit of speed; it can only be paused.";
      return workingPhases.indexOf(phase) > workingPhases.indexOf('verifying')
        ? 'Copy and comparison are done; there is nothing to throttle.'
        : undefined;
    case requests.abort:
      return phase === 'completing' ? 'The cutover is done; there is nothing left to abort.' : undefined;
  }
}

function refusalOfRepair({ phase, paused, verification, method }: Progress): string | undefined {
  if (phase !== 'awaiting-approval')
    return `Nothing can be repaired while ${phase}: wait for the phase awaiting-approval.`;
  if (paused) return `The migration is paused; send ${requests.resume} first.`;
  if (!verification || verification.mismatches === 0) return 'The last verification found nothing to repair.';
  return method === 'replication'
    ? 'What RavenDB replicates cannot be repaired by other means: a later change would conflict with it. Migrate again by method "stream".'
    : undefined;
}

function refusalOfApproval({ phase, paused, verification, method }: Progress): string | undefined {
  if (phase !== 'awaiting-approval') {
    return `The cutover cannot be approved while ${phase}: wait for the phase awaiting-approval.`;
  }
  if (paused) return `The migration is paused; send ${requests.resume} first.`;
  if (!verification) return 'Nothing has been verified yet.';
  if (verification.mismatches > 0) {
    const repair =
      method === 'replication' ? 'Mend' : `Send ${requests.repair} to copy what differs once more, or mend`;
    return `Verification failed: ${describeVerification(verification)}. ${repair} the target; it is verified again by itself.`;
  }
  return undefined;
}
