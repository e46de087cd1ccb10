/** Whether an approval of a cutover counts, and from when on. */
import { type ApprovalRules, days, samePerson, type Window } from '../contract/approval-contract.ts';
import type { Approval } from '../contract/contract.ts';
import { durationMs } from '../contract/duration.ts';
import { quoted } from '../text/format.ts';

/** An approval, and the evidence that was there when it was given. */
export interface GivenApproval extends Approval {
  /** ISO time. */
  at: string;
  evidence: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether an approval takes more than one person, whoever it is and whenever. */
export function hasRules({ approvers, people, expiresAfter, window }: ApprovalRules): boolean {
  return approvers.length > 0 || people > 1 || expiresAfter !== null || window !== null;
}

/** Why a person cannot approve; undefined when they can. @param given by others so far */
export function refusalOfPerson(
  by: string,
  rules: ApprovalRules | undefined,
  given: readonly Approval[],
): string | undefined {
  const { approvers = [] } = rules ?? {};
  const isNamed = approvers.some((each) => samePerson(each) === samePerson(by));
  if (approvers.length > 0 && !isNamed)
    return `"${by}" may not approve this cutover: approval.approvers of the input names ${quoted(approvers)}.`;
  return given.some((approval) => samePerson(approval.by) === samePerson(by))
    ? `"${by}" has approved this cutover already; it takes another person, too.`
    : undefined;
}

/** The approvals to show: all of them where it takes more than one. */
export function shownApprovals<A extends Approval>({
  approval,
  approvals = [],
}: {
  approval?: A | null;
  approvals?: readonly A[];
}): readonly A[] {
  return approvals.length > 0 || !approval ? approvals : [approval];
}

/** How many more people have to approve. */
export function peopleMissing(rules: ApprovalRules | undefined, given: readonly unknown[]): number {
  return Math.max(0, (rules?.people ?? 1) - given.length);
}

/** What one of more approvals lacks, in words for a sentence. */
export function describeMissing(rules: ApprovalRules | undefined, given: readonly Approval[]): string {
  const { people = 1, approvers = [] } = rules ?? {};
  const of = approvers.length > 0 ? ` of ${quoted(approvers)}` : '';
  if (people === 1) return of && `, as one${of}`;
  const so = given.length > 0 ? ` (${given.length} so far, by ${quoted(given.map(({ by }) => by))})` : '';
  return `, as ${people} different people${of}${so}`;
}

/** When an approval ends by itself, in milliseconds of the epoch; undefined for never. */
export function expiryOf(rules: ApprovalRules | undefined, { at }: { at: string }): number | undefined {
  return rules?.expiresAfter ? Date.parse(at) + durationMs(rules.expiresAfter) : undefined;
}

/** From when on a cutover may begin, in milliseconds of the epoch: `now` while the window is open. */
export function opening(window: Window, now: number): number {
  const midnight = Math.floor(now / DAY_MS) * DAY_MS;
  const from = timeOfDayMs(window.from);
  const length = (timeOfDayMs(window.to) - from + DAY_MS) % DAY_MS;
  // one that opened yesterday may still be open; each day of the week comes within seven more
  for (let day = -1; day <= 7; day++) {
    const opens = midnight + day * DAY_MS + from;
    const name = days[new Date(opens).getUTCDay()];
    if (name && window.days.includes(name) && now < opens + length) return Math.max(now, opens);
  }
  throw new RangeError('a window opens on no day');
}

function timeOfDayMs(time: string): number {
  return Date.parse(`1970-01-01T${time}:00.000Z`);
}
