/** The page that Temporal's UI and `temporal workflow metadata` show of a running migration. */

import { describeVerification, subjectOf, type Verification } from '../compare/verification.ts';
import { requests } from '../contract/contract.ts';
import { isFinal, type Phase, workingPhases } from '../contract/phases.ts';
import { describeReplication } from '../replication/replication.ts';
import { formatBytes, formatCount, formatSeconds, percentOf, shellWord } from '../text/format.ts';
import type { Progress, RunProgress, Transferred } from './progress.ts';

/**
 * Markdown with headings, lists and code only: not every build of the UI renders tables. The last line may be
 * cut off by the UI, so nothing of weight stands there.
 */
export function currentDetails(progress: Progress): string {
  const { source, target, workflowId, attention, lastRefusal, verification } = progress;
  const lines = [
    `**${source.connection}/${source.database}** to **${target.connection}/${target.database}** (${progress.method})`,
    '',
    `Phase **${progress.phase}**${progress.paused ? ', **paused**' : ''}, since ${progress.since}`,
    '',
    ...runbook(progress.phase),
    '',
  ];
  if (attention) lines.push(`**Attention:** ${attention}`, '');
  if (progress.transferred) lines.push(`- Progress: ${describeTransferred(progress.transferred)}`);
  const limit = describeLimit(progress);
  if (limit) lines.push(`- Limit: ${limit}`);
  if (progress.lag) {
    lines.push(`- Lag: ${formatCount(progress.lag.etags)} changes, since ${progress.lag.since}`);
  }
  if (progress.replication) lines.push(`- Replication: ${describeReplication(progress.replication)}`);
  if (verification)
    lines.push(`- Verification: ${describeVerification(verification)}`, ...listed(verification));
  if (progress.approval) lines.push(`- Approved by ${progress.approval.by} at ${progress.approval.at}`);
  if (lastRefusal) lines.push(`- Refused ${lastRefusal.request} at ${lastRefusal.at}: ${lastRefusal.reason}`);
  const next = nextCommand(progress);
  if (next) lines.push('', progress.waitingFor ?? '', '', '```', next, '```');
  lines.push('', `Workflow ${workflowId}`);
  return lines.join('\n');
}

/** Of a list that somebody reads before they decide. */
const LISTED = 20;

/** The differences, and how many more there are. */
export function listed({ differences, mismatches }: Verification): string[] {
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

/** Phases that a limit slows. */
const LIMITED: readonly string[] = ['copying', 'reading'];

/** The limit of the speed; undefined where none is at work. */
export function describeLimit({ phase, maxItemsPerSecond }: RunProgress): string | undefined {
  if (maxItemsPerSecond === null || !LIMITED.includes(phase)) return undefined;
  return `${formatCount(maxItemsPerSecond)} items/s`;
}

function runbook(phase: Phase): string[] {
  if (isFinal(phase)) return [];
  const here = workingPhases.indexOf(phase);
  return workingPhases.map((each, index) => {
    if (index < here) return `- ~~${each}~~`;
    return index === here ? `- **${each}**` : `- ${each}`;
  });
}

/** The Temporal command that carries the migration on from here. */
function nextCommand({ phase, paused, verification, workflowId }: Progress): string | undefined {
  if (isFinal(phase)) return undefined;
  const update = (name: string, input: string) =>
    `temporal workflow update execute -w ${shellWord(workflowId)} --name ${name} --input '${input}'`;
  if (paused) return update(requests.resume, '{"by":"you"}');
  if (phase !== 'awaiting-approval') return undefined;
  if (verification && verification.mismatches > 0)
    return update(requests.repair, '{"by":"you","note":"why"}');
  return update(requests.approve, '{"by":"you","note":"why"}');
}
