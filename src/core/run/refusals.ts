/** Which request is allowed when. One set of rules for updates, which answer, and signals, which cannot. */
import { describeVerification } from '../compare/verification.ts';
import { type Approval, type RequestName, requests, type WorkflowType } from '../contract/contract.ts';
import { isFinal, isFrozen, type WorkingPhase } from '../contract/phases.ts';
import { undecided } from '../copy/refused.ts';
import { refusalOfPerson } from '../cutover/approval-rules.ts';
import { waysToAccept } from './next-step.ts';
import type { RunProgress } from './progress.ts';
import { allowedIn, nounOf } from './run-types.ts';

/** Why a request is refused now; undefined when it is allowed. */
export function refusalOf(
  request: RequestName,
  progress: RunProgress,
  payload: Partial<Approval> = {},
): string | undefined {
  const { workflowType, phase } = progress;
  const phases = allowedIn[workflowType][request];
  if (isFinal(phase)) return `The ${nounOf[workflowType]} has ended (${phase}).`;
  if (!phases) return notTaken(request, workflowType);
  return phases.includes(phase)
    ? refusalInPhase(request, progress, payload)
    : refusalByPhase(request, progress, phases[0] ?? '');
}

/** What to say of a request that a workflow type does not have. */
export function notTaken(request: string, workflowType: WorkflowType): string {
  return `${workflowType} does not take ${request}; it takes ${Object.keys(allowedIn[workflowType]).join(', ')}.`;
}

function refusalByPhase(request: RequestName, progress: RunProgress, first: WorkingPhase | ''): string {
  const { workflowType, phase, phases } = progress;
  const noun = nounOf[workflowType];
  switch (request) {
    case requests.approve:
      return `The cutover cannot be approved while ${phase}: wait for the phase ${first}.`;
    case requests.reject:
      return `There is nothing to reject while ${phase}; use ${requests.abort} to end the ${noun}.`;
    case requests.repair:
      return first !== '' && phases.includes(first)
        ? `Nothing can be repaired while ${phase}: wait for the phase ${first}.`
        : 'This comparison repairs nothing: start one with "repair": "ask".';
    case requests.rehearse:
      return `The cutover cannot be rehearsed while ${phase}: wait for the phase ${first}.`;
    case requests.complete:
    case requests.rollBack:
      return phases.includes('observing')
        ? `There is no cutover to ${request === requests.complete ? 'complete' : 'roll back'} while ${phase}: wait for the phase ${first}.`
        : 'This migration has no way back: it takes "freeze": "fence", a source that stays closed, and observeFor.';
    case requests.throttle:
      return `No limit applies while ${phase}; there is nothing to throttle.`;
    case requests.resume:
      return `The ${noun} is not paused.`;
    default:
      if (phase === 'observing')
        return `The target serves (${phase}); use ${requests.complete} to end the migration, or ${requests.rollBack}.`;
      if (phase === 'rolling-back') return `The cutover is being rolled back (${phase}); wait for its end.`;
      return isFrozen(phase)
        ? `The source is frozen (${phase}); use ${requests.abort} to undo the freeze and end.`
        : `The ${noun} is done; there is nothing left to ${request}.`;
  }
}

function refusalInPhase(
  request: RequestName,
  progress: RunProgress,
  payload: Partial<Approval>,
): string | undefined {
  const { workflowType, paused } = progress;
  const noun = nounOf[workflowType];
  switch (request) {
    case requests.approve:
      return paused ? resumeFirst(noun) : refusalOfApproval(progress, payload);
    case requests.repair:
      return paused ? resumeFirst(noun) : refusalOfRepair(progress);
    case requests.rehearse:
      return paused ? resumeFirst(noun) : refusalOfRehearsal(progress);
    case requests.pause:
      return paused ? `The ${noun} is paused already.` : undefined;
    case requests.resume:
      return paused ? undefined : `The ${noun} is not paused.`;
    case requests.skip:
      return refusalOfSkip(progress);
    case requests.throttle:
      return refusalOfThrottle(progress);
    default:
      return undefined;
  }
}

function resumeFirst(noun: string): string {
  return `The ${noun} is paused; send ${requests.resume} first.`;
}

function refusalOfApproval(progress: RunProgress, payload: Partial<Approval>): string | undefined {
  const { approval, approvals = [], approvalRules, evidence } = progress;
  if (approval)
    return `The cutover is approved already, by ${approval.by}; ${requests.reject} ends the migration instead.`;
  const ofPerson = refusalOfPerson(payload.by ?? '', approvalRules, approvals);
  if (ofPerson) return ofPerson;
  if (payload.evidence !== undefined && payload.evidence !== evidence)
    return `What there is to see has changed: its digest is "${evidence}", and evidence is "${payload.evidence}". Look at it again.`;
  return refusalOfDifferences(progress, payload);
}

function refusalOfDifferences(
  { verification, method }: RunProgress,
  { acceptDifferences }: Partial<Approval>,
): string | undefined {
  if (!verification) return 'Nothing has been verified yet.';
  const { mismatches, digest } = verification;
  if (mismatches === 0) return undefined;
  const failed = `Verification failed: ${describeVerification(verification)}.`;
  const repair =
    method === 'replication' ? 'Correct' : `Send ${requests.repair} to copy what differs again, or correct`;
  const mend = `${repair} the target; it is verified again automatically.`;
  if (acceptDifferences === undefined) return [failed, mend, waysToAccept(verification)].join(' ').trim();
  if (acceptDifferences === digest) return undefined;
  return digest === undefined
    ? `${failed} Differences can be accepted only when all of them are listed. ${mend}`
    : `${failed} acceptDifferences is "${acceptDifferences}", but the digest of these differences is "${digest}": look at them first.`;
}

function refusalOfRehearsal({ verification, freeze }: RunProgress): string | undefined {
  if (freeze !== 'fence')
    return 'Only a cutover behind a fence can be rehearsed: nobody can stop your writers and start them again for you. Migrate with "freeze": "fence", or see in the plan why that is not possible.';
  if (!verification) return 'Nothing has been verified yet.';
  return verification.mismatches === 0
    ? undefined
    : `Verification failed: ${describeVerification(verification)}. Repair that first: the cutover would fail by it.`;
}

function refusalOfRepair({ verification, method }: RunProgress): string | undefined {
  if (!verification || verification.mismatches === 0) return 'The last verification found nothing to repair.';
  return method === 'replication'
    ? 'Replicated items cannot be repaired: a later change would conflict with the repaired copy. Migrate again with method "stream".'
    : undefined;
}

function refusalOfSkip({ refused = [] }: RunProgress): string | undefined {
  if (undecided(refused).length > 0) return undefined;
  return refused.length > 0
    ? 'All items that RavenDB refuses are skipped already.'
    : 'RavenDB has refused no item; there is nothing to skip.';
}

function refusalOfThrottle({ method, workflowType, phases }: RunProgress): string | undefined {
  if (method === 'replication') return 'RavenDB replication cannot be rate-limited; it can only be paused.';
  return workflowType === 'verifyDatabases' && !phases.includes('reading')
    ? 'Only a comparison of depth "full" can be throttled; the others read little.'
    : undefined;
}
