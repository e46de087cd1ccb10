/** The page that Temporal's UI and `temporal workflow metadata` show of a run. */
import { describeForecast } from '../compare/repair.ts';
import { trendLines } from '../compare/trend.ts';
import { describeVerification, subjectOf, type Verification } from '../compare/verification.ts';
import type { Approval, RequestName } from '../contract/contract.ts';
import { isFinal } from '../contract/phases.ts';
import { describeRefusedItem } from '../copy/refused.ts';
import { shownApprovals } from '../cutover/approval-rules.ts';
import { describeRehearsals } from '../cutover/rehearsal.ts';
import { describeReplication } from '../replication/replication.ts';
import { formatBytes, formatCount, formatSeconds, percentOf, shellWord } from '../text/format.ts';
import { examplePayload, nextStep } from './next-step.ts';
import type { RunProgress, Transferred } from './progress.ts';
import type { PhaseTiming } from './report.ts';
import { limitedIn } from './run-types.ts';

/**
 * Markdown with lists and code only: not every build of the UI renders tables. The UI may cut off the last line, so nothing
 * important stands there.
 * @param timings of the phases so far, that of the present one still open
 */
export function page(progress: RunProgress, timings: readonly PhaseTiming[] = []): string {
  const { title, phase, paused, since, attention, workflowId, trend = [] } = progress;
  const next = isFinal(phase) ? undefined : nextStep(progress);
  const blocks = [
    `**${title}**`,
    `Phase **${phase}**${paused ? ', **paused**' : ''}, since ${since}`,
    attention && `**Attention:** ${attention}`,
    facts(progress).join('\n'),
    next?.text,
    next?.request && `\`\`\`\n${commandFor(next.request, workflowId)}\n\`\`\``,
    trend.length > 1 && listOf('The last runs:', trendLines(trend)),
    !isFinal(phase) && listOf('The phases:', runbook(progress, timings)),
    `Workflow ${workflowId}`,
  ];
  return blocks.filter(Boolean).join('\n\n');
}

function commandFor(request: RequestName, workflowId: string): string {
  return `temporal workflow update execute -w ${shellWord(workflowId)} --name ${request} --input '${examplePayload(request)}'`;
}

function listOf(heading: string, lines: readonly string[]): string {
  return [heading, '', ...lines.map((line) => `- ${line}`)].join('\n');
}

function runbook({ phases, phase }: RunProgress, timings: readonly PhaseTiming[]): string[] {
  const here = (phases as readonly string[]).indexOf(phase);
  const closed = timings.slice(0, -1);
  return phases.map((each, index) => {
    if (index === here) return `**${each}**`;
    const times = closed.filter((timing) => timing.phase === each);
    const took = formatSeconds(times.reduce((sum, { seconds }) => sum + seconds, 0));
    // a phase that is yet to come was entered before when a freeze was undone
    const text = index < here ? `~~${each}~~` : each;
    return times.length === 0 ? text : `${text} ${took}${times.length > 1 ? `, ${times.length} times` : ''}`;
  });
}

function facts(progress: RunProgress): string[] {
  const {
    transferred,
    lag,
    differingBack,
    replication,
    findings,
    verification,
    dryRun,
    refused = [],
    rehearsals = [],
    evidence,
    lacking = [],
    lastRefusal,
  } = progress;
  const lines: string[] = [];
  if (transferred) lines.push(`- Progress: ${barOf(transferred)}${describeTransferred(transferred)}`);
  const limit = describeLimit(progress);
  if (limit) lines.push(`- Limit: ${limit}`);
  if (lag) lines.push(`- Lag: ${formatCount(lag.etags)} changes, since ${lag.since}`);
  if (differingBack)
    lines.push(`- On the way back: ${formatCount(differingBack)} documents differ on the old database`);
  if (replication) lines.push(`- Replication: ${describeReplication(replication)}`);
  lines.push(...findings.map((finding) => `- ${finding}`));
  if (verification) {
    lines.push(`- Verification: ${describeVerification(verification)}`);
    if (verification.sample) lines.push(`- Sample: ${verification.sample.statement}`);
    lines.push(...listed(verification));
  }
  if (dryRun) lines.push(`- Dry run of a repair at ${dryRun.at}: ${describeForecast(dryRun.found)}`);
  lines.push(...refused.slice(0, LISTED).map((item) => `- Refused by RavenDB: ${describeRefusedItem(item)}`));
  const rehearsed = describeRehearsals(rehearsals);
  if (rehearsed) lines.push(`- Rehearsed: ${rehearsed}`);
  lines.push(...lacking.map((each) => `- Not ready: ${each}`));
  if (evidence) lines.push(`- Evidence: \`${evidence}\``);
  for (const each of shownApprovals(progress)) lines.push(`- Approved ${describeApproval(each, each.at)}`);
  if (lastRefusal) lines.push(`- Refused ${lastRefusal.request} at ${lastRefusal.at}: ${lastRefusal.reason}`);
  return lines;
}

const BAR = 20;

function barOf({ items, totalItems }: Transferred): string {
  const percent = percentOf(items, totalItems);
  if (percent === undefined) return '';
  const full = Math.floor((percent / 100) * BAR);
  return `\`${'█'.repeat(full)}${'░'.repeat(BAR - full)}\` `;
}

/** How many differences are listed: somebody reads them before they decide. */
const LISTED = 20;

function listed({ differences, mismatches }: Verification): string[] {
  const lines = differences
    .slice(0, LISTED)
    .map(
      ({ kind, id, what, shard }) =>
        `  - ${subjectOf({ kind })} \`${id}\`${shard === undefined ? '' : ` (shard ${shard})`}: ${what}`,
    );
  const more = mismatches - lines.length;
  return more > 0 ? [...lines, `  - and ${formatCount(more)} more`] : lines;
}

/** How far the work is, in one line. */
export function describeTransferred(transferred: Transferred): string {
  const { doing, items, totalItems, bytes, aboutTotalBytes, itemsPerSecond, etaSeconds, attempt } =
    transferred;
  const percent = percentOf(items, totalItems);
  const parts = [
    totalItems === undefined || percent === undefined
      ? `${formatCount(items)} items`
      : `${formatCount(items)} of ${formatCount(totalItems)} items (${percent}%)`,
  ];
  if (bytes) {
    const more = aboutTotalBytes !== undefined && aboutTotalBytes > bytes;
    parts.push(`${formatBytes(bytes)}${more ? ` of about ${formatBytes(aboutTotalBytes)}` : ''}`);
  }
  if (itemsPerSecond) parts.push(`${formatCount(itemsPerSecond)} items/s`);
  if (etaSeconds !== undefined) parts.push(`about ${formatSeconds(etaSeconds)} left`);
  if (attempt !== undefined && attempt > 1) parts.push(`try ${attempt}`);
  return `${doing === undefined ? '' : `${doing}: `}${parts.join(', ')}`;
}

/** Who approved the cutover, when, with which differences, and their note. */
export function describeApproval({ by, note, acceptDifferences }: Approval, at?: string): string {
  const when = at === undefined ? '' : ` at ${at}`;
  const accepted = acceptDifferences === undefined ? '' : `, with the differences ${acceptDifferences}`;
  return `by ${by}${when}${accepted}${note && `: ${note}`}`;
}

/** The limit of speed; undefined in phases that it does not slow. */
export function describeLimit({ workflowType, phase, maxItemsPerSecond }: RunProgress): string | undefined {
  const isLimited = (limitedIn[workflowType] as readonly string[]).includes(phase);
  return maxItemsPerSecond !== null && isLimited ? `${formatCount(maxItemsPerSecond)} items/s` : undefined;
}
