/** What a run waits for a person to do. */
import type { Verification } from '../compare/verification.ts';
import { type RequestName, requests, type WorkflowType } from '../contract/contract.ts';
import type { Phase } from '../contract/phases.ts';
import { type RefusedItem, undecided } from '../copy/refused.ts';
import { describeMissing } from '../cutover/approval-rules.ts';
import type { RunProgress } from './progress.ts';
import { fromFiles } from './run-types.ts';

/** What somebody has to do now so that the run goes on, and the request that says it is done. */
export interface NextStep {
  text: string;
  /** Absent when only time has to pass. */
  request?: RequestName;
}

/** The next step of a person; undefined when the run goes on by itself. */
export function nextStep(progress: RunProgress): NextStep | undefined {
  const {
    phase,
    paused,
    approval,
    source,
    target,
    verification,
    method,
    workflowType,
    refused = [],
  } = progress;
  if (paused) return { text: `Paused: waiting for ${requests.resume}.`, request: requests.resume };
  if (phase === 'awaiting-repair') {
    const text = `Waiting for a decision: ${requests.repair} mends all that differs (with "dryRun" it only says how much), ${requests.abort} ends the comparison.`;
    return { text, request: requests.repair };
  }
  if (fromFiles.has(workflowType) && undecided(refused).length > 0) {
    const text = `The import ends when this is decided: ${waysAround(refused, workflowType)}.`;
    return { text, request: requests.skip };
  }
  if (phase === 'observing') {
    const text =
      `"${target?.database}" serves, and what changes there flows back into "${source?.database}" until ${progress.observedUntil}: ` +
      `${requests.complete} ends that, ${requests.rollBack} takes the cutover back.`;
    return { text, request: requests.complete };
  }
  if (phase !== 'awaiting-approval') return undefined;
  if (approval) {
    const { cutoverAt } = progress;
    return cutoverAt === undefined
      ? undefined
      : { text: `Approved: the cutover begins at ${cutoverAt}, when its window opens.` };
  }
  if ((verification?.mismatches ?? 0) === 0) {
    const who = describeMissing(progress.approvalRules, progress.approvals ?? []);
    const writers =
      progress.freeze === 'fence'
        ? `RavenDB will refuse every request to "${source?.database}" from then on, which ${requests.rehearse} tries out: send ${requests.approve}${who}`
        : `Stop every writer of "${source?.database}", then send ${requests.approve}${who}`;
    const text = `Waiting for approval. ${writers}; or end the migration with ${requests.reject}.`;
    return { text, request: requests.approve };
  }
  const again = 'It is compared again from time to time, and at once after pause and resume.';
  const accept = verification ? waysToAccept(verification) : '';
  const [mend, request] =
    method === 'replication'
      ? ['correct it', requests.pause]
      : undecided(refused).length > 0
        ? [waysAround(refused, workflowType), requests.skip]
        : [`${requests.repair} copies what differs again; or correct the target yourself`, requests.repair];
  return { text: `The target differs: ${mend}. ${again} ${accept}`.trim(), request };
}

/** What a person can do about items that RavenDB refuses. @param phase after a cutover they are to flow back */
export function waysAround(refused: readonly RefusedItem[], type: WorkflowType, phase?: Phase): string {
  const items = undecided(refused).length;
  return (
    `${requests.skip} leaves out ${items === 1 ? 'the item' : `the ${items} items`} that RavenDB refuses; ` +
    (fromFiles.has(type)
      ? `or ${requests.abort} the import, correct the database that was exported, and export it again`
      : `an item that is corrected on the ${flowsBack(phase) ? 'target flows back' : 'source is copied'}`)
  );
}

/** Whether the target serves, and what changes there flows back. */
export function flowsBack(phase?: Phase): boolean {
  return phase === 'observing' || phase === 'rolling-back';
}

/** How to cut over although the target differs; empty where that is impossible. */
export function waysToAccept({ digest }: Verification): string {
  return digest === undefined
    ? ''
    : `To cut over with these differences, send ${requests.approve} with "acceptDifferences": "${digest}".`;
}

const decisions: ReadonlySet<RequestName> = new Set([
  requests.approve,
  requests.reject,
  requests.repair,
  requests.skip,
  requests.rehearse,
  requests.complete,
  requests.rollBack,
]);

/** Whether somebody has to answer for a request, so that it must say by whom it is. */
export function isDecision(request: RequestName): boolean {
  return decisions.has(request);
}

/** The payload of a request, as an example to type. */
export function examplePayload(request: RequestName): string {
  return isDecision(request) ? '{"by":"you","note":"why"}' : '{"by":"you"}';
}
