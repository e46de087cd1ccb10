/** A run, as text. */

import { describeForecast } from '../../core/compare/repair.ts';
import { describeVerification } from '../../core/compare/verification.ts';
import { requests } from '../../core/contract/contract.ts';
import { isFinal } from '../../core/contract/phases.ts';
import { shownApprovals } from '../../core/cutover/approval-rules.ts';
import { describeRehearsals } from '../../core/cutover/rehearsal.ts';
import { describeReplication, replicationTrouble } from '../../core/replication/replication.ts';
import { nextStep } from '../../core/run/next-step.ts';
import { describeApproval, describeLimit, describeTransferred } from '../../core/run/page.ts';
import type { Lag, RunProgress } from '../../core/run/progress.ts';
import type { PhaseTiming } from '../../core/run/report.ts';
import { formatCount, formatSeconds, percentOf } from '../../core/text/format.ts';
import type { Watched } from '../run/follow.ts';
import { describeTrouble, type Trouble } from '../run/trouble.ts';
import type { TypedCommands } from '../run/typed-commands.ts';
import type { Palette } from '../terminal/palette.ts';
import { labelled } from '../terminal/text.ts';

/** Where and when the text is shown. */
export interface Setting {
  width: number;
  now: number;
  palette: Palette;
  commands: TypedCommands;
  /** Whether this process approves or asks: then it does not print how to. */
  approves: boolean;
}

/** Where the texts beside the phases begin. */
const DETAIL_COLUMN = 34;
const LABEL_COLUMN = 16;
const MOST_BAR = 40;

/** The picture that is repainted on a terminal. */
export function progressLines(state: Watched, setting: Setting): string[] {
  const { progress, timings, trouble, silence, workflowId } = state;
  const { palette } = setting;
  const quiet = silence === undefined ? [] : silenceLines(silence, setting);
  if (!progress) {
    const waiting = `  ${palette.dim('Waiting for a worker to take it.')}`;
    return ['', palette.bold(workflowId), '', ...(quiet.length > 0 ? quiet : [waiting]), ''];
  }
  const lines = [
    '',
    palette.bold(workflowId),
    palette.dim(progress.title),
    '',
    ...progress.phases.flatMap((phase) => phaseLines(phase, progress, timings, setting)),
    ...factLines(progress, trouble, setting),
  ];
  return [...lines, ...nextLines(progress, setting), ...quiet];
}

/** What a run waits for a person to do, and the commands for it; undefined when it goes on by itself. */
export function waiting(
  progress: RunProgress,
  { commands, approves }: Pick<Setting, 'commands' | 'approves'>,
): { text: string; commands: string[] } | undefined {
  const { phase, workflowId } = progress;
  const next = isFinal(phase) ? undefined : nextStep(progress);
  if (!next || (approves && next.request === requests.approve)) return undefined;
  const { text, request } = next;
  return {
    text,
    commands: request
      ? [commands.request(workflowId, request), commands.temporalUpdate(workflowId, request)]
      : [],
  };
}

/** How far the target is behind, in a few words. */
function describeLag({ etags, since }: Lag, now: number): string {
  const time = formatSeconds(Math.max(0, Math.round((now - Date.parse(since)) / 1000)));
  return etags === 0
    ? `none for ${time}`
    : `${formatCount(etags)} ${etags === 1 ? 'change' : 'changes'} for ${time}`;
}

function factLines(
  progress: RunProgress,
  trouble: Trouble | undefined,
  { width, palette, now }: Setting,
): string[] {
  const facts = { width: width - 1, column: LABEL_COLUMN };
  const lines: string[] = [];
  const limit = describeLimit(progress);
  if (limit) lines.push(...labelled('  Limit', limit, facts));
  if (progress.lag) lines.push(...labelled('  Lag', describeLag(progress.lag, now), facts));
  if (progress.replication) {
    const style = replicationTrouble(progress.replication) ? palette.yellow : undefined;
    const text = describeReplication(progress.replication);
    lines.push(...labelled('  Replication', text, { ...facts, ...(style && { style }) }));
  }
  for (const finding of progress.findings) lines.push(...labelled('  Found', finding, facts));
  if (progress.verification) {
    const style = progress.verification.mismatches > 0 ? palette.yellow : palette.green;
    const text = describeVerification(progress.verification);
    lines.push(...labelled('  Verification', text, { ...facts, style }));
  }
  if (progress.dryRun) lines.push(...labelled('  Dry run', describeForecast(progress.dryRun.found), facts));
  const rehearsed = describeRehearsals(progress.rehearsals ?? []);
  if (rehearsed) lines.push(...labelled('  Rehearsed', rehearsed, facts));
  for (const each of progress.lacking ?? [])
    lines.push(...labelled('  Not ready', each, { ...facts, style: palette.yellow }));
  if (progress.evidence) lines.push(...labelled('  Evidence', progress.evidence, facts));
  for (const each of shownApprovals(progress))
    lines.push(...labelled('  Approved', describeApproval(each), facts));
  if (progress.attention) {
    lines.push(...labelled('  Attention', progress.attention, { ...facts, style: palette.yellow }));
  }
  if (trouble) {
    lines.push(...labelled('  Trouble', describeTrouble(trouble), { ...facts, style: palette.yellow }));
  }
  if (progress.lastRefusal) {
    const { request, reason } = progress.lastRefusal;
    lines.push(...labelled('  Refused', `${request}: ${reason}`, { ...facts, style: palette.yellow }));
  }
  return lines.length > 0 ? ['', ...lines] : [];
}

function phaseLines(
  phase: string,
  progress: RunProgress,
  timings: PhaseTiming[],
  setting: Setting,
): string[] {
  const { palette, width, now } = setting;
  const steps: readonly string[] = progress.phases;
  const at = isFinal(progress.phase) ? (timings.at(-1)?.phase ?? 'planning') : progress.phase;
  const reached = steps.indexOf(at);
  const index = steps.indexOf(phase);
  if (index > reached) return [palette.dim(`    ${phase}`)];
  const before = timings.filter((timing) => timing.phase === phase);
  const seconds = before.reduce((sum, timing) => sum + timing.seconds, 0);
  const done = index < reached || progress.phase === 'completed';
  if (done) return [`  ${palette.green('✓')} ${phase.padEnd(19)}${palette.dim(formatSeconds(seconds))}`];
  if (isFinal(progress.phase)) return [`  ${palette.red('✗')} ${phase.padEnd(19)}${formatSeconds(seconds)}`];

  const elapsed = seconds + Math.max(0, now - Date.parse(progress.since)) / 1000;
  const label = `  ▸ ${phase.padEnd(19)}${formatSeconds(Math.floor(elapsed))}`;
  if (progress.paused) return [palette.yellow(`${label.padEnd(DETAIL_COLUMN)}paused`)];
  const detail = progress.transferred ? describeTransferred(progress.transferred) : '';
  if (!detail) return [palette.bold(label)];
  return [
    ...labelled(label, detail, { width: width - 1, column: DETAIL_COLUMN, labelStyle: palette.bold }),
    ...barLines(progress.transferred, setting),
  ];
}

/** How far the work is, as a bar of signs that are one column wide in every terminal. */
function barLines(transferred: RunProgress['transferred'], { width, palette }: Setting): string[] {
  const percent = transferred && percentOf(transferred.items, transferred.totalItems);
  const columns = Math.min(MOST_BAR, width - 1 - DETAIL_COLUMN);
  if (typeof percent !== 'number' || columns <= 0) return [];
  const done = Math.floor((columns * percent) / 100);
  const bar = palette.cyan('▰'.repeat(done)) + palette.dim('▱'.repeat(columns - done));
  return [' '.repeat(DETAIL_COLUMN) + bar];
}

function nextLines(progress: RunProgress, setting: Setting): string[] {
  const next = waiting(progress, setting);
  if (!next) return [];
  const { width, palette } = setting;
  // one of the two is enough where space is short
  const command = next.commands.slice(0, 1).map((line) => `  ${palette.cyan(line)}`);
  return ['', ...labelled('', next.text, { width: width - 1, column: 2 }), ...command];
}

function silenceLines(silence: string, { palette, width }: Setting): string[] {
  return ['', ...labelled('', silence, { width: width - 1, column: 2, style: palette.yellow })];
}
