/** A run that has ended, as text. */

import { describeForecast } from '../../core/compare/repair.ts';
import { trendLines } from '../../core/compare/trend.ts';
import { describeRepair, subjectOf } from '../../core/compare/verification.ts';
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import { describeRefusedItem } from '../../core/copy/refused.ts';
import { describeRehearsal } from '../../core/cutover/rehearsal.ts';
import type { ToDo } from '../../core/plan/left-to-do.ts';
import { subjectOfLine } from '../../core/run/not-carried.ts';
import { describeApproval } from '../../core/run/page.ts';
import type { PhaseTiming } from '../../core/run/report.ts';
import { nounOf } from '../../core/run/run-types.ts';
import { describeSetting, type SettingOutcome } from '../../core/settings/settings.ts';
import { formatCount, formatOutage, formatSeconds } from '../../core/text/format.ts';
import type { Ending, Outcome } from '../run/ending.ts';
import type { Palette } from '../terminal/palette.ts';
import { labelled, localTime, table, wrap } from '../terminal/text.ts';

const LABEL_COLUMN = 15;

const HEADLINES: Record<Outcome, string> = {
  completed: 'Completed',
  rejected: 'Rejected',
  'rolled-back': 'Rolled back',
  aborted: 'Aborted',
  canceled: 'Canceled',
  failed: 'Failed',
  terminated: 'Terminated',
  'timed out': 'Timed out',
};

/** Everything worth knowing at the end, for `width` columns. */
export function summaryLines(ending: Ending, options: { width: number; palette: Palette }): string[] {
  const { result, report, failure, outcome, workflowId } = ending;
  const { palette } = options;
  const width = Math.min(options.width, 110);
  const done = outcome === 'completed' && result?.equal !== false;
  const paint = done ? palette.green : outcome === 'failed' ? palette.red : palette.yellow;
  const headline = paint(palette.bold(`${done ? '✓' : '✗'} ${headlineOf(ending)}: ${workflowId}`));
  const settings = report?.settings ?? [];
  const leftToDo = report?.leftToDo ?? [];
  const shards = result?.shards ?? report?.shards ?? {};
  const differences = (report?.differences ?? []).map(
    ({ kind, id, what }) => `${subjectOf({ kind })} "${id}": ${what}`,
  );
  const blocks = [
    [headline],
    wrap(failure ?? '', width - 4).map((line) => `  ${line}`),
    factLines(ending, width),
    Object.keys(shards).length > 0 ? indented(table(shardRows(shards))) : [],
    report ? indented(table(phaseRows(report.timings))) : [],
    titled('Found', report?.findings ?? [], width),
    titled('Differences', differences, width),
    titled('Refused by RavenDB', (report?.refused ?? []).map(describeRefusedItem), width),
    titled('Left to do on the target', leftToDo.map(toDoText), width),
    titled('Settings', settingTexts(otherwiseLeft(settings, leftToDo)), width),
    titled('Not carried over', otherwiseNotCarried(report?.notCarried ?? [], settings), width),
    titled('The last runs', trendLines(report?.trend ?? []), width),
    report ? [] : ['  There is no report: no worker answers, or the run ended before it began.'],
  ];
  return blocks.filter((block) => block.length > 0).flatMap((block) => ['', ...block]);
}

function headlineOf({ outcome, result }: Ending): string {
  if (result?.equal === undefined) return HEADLINES[outcome];
  return result.equal ? 'No difference' : 'The databases differ';
}

function factLines({ result, report, outcome, reportPath }: Ending, width: number): string[] {
  const documents = result?.documents ?? report?.documents;
  const mismatches = result?.mismatches ?? report?.mismatches ?? 0;
  const downtimeSeconds = result?.downtimeSeconds ?? report?.downtimeSeconds;
  const fact = (label: string, text: string) =>
    labelled(`  ${label}`, text, { width: width - 1, column: LABEL_COLUMN });
  const lines: string[] = [];
  if (documents) {
    const sides = `${formatCount(documents.source)} on the source, ${formatCount(documents.target)} on the target`;
    const found = `${mismatches} ${mismatches === 1 ? 'mismatch' : 'mismatches'}`;
    lines.push(...fact('Documents', `${sides}, ${found}`));
  }
  const items = Object.entries(report?.items ?? {}).map(
    ([kind, count = 0]) => `${formatCount(count)} ${spaced(kind)}`,
  );
  if (items.length > 0) lines.push(...fact('Items', items.join(', ')));
  if (report?.sample) lines.push(...fact('Sample', report.sample.statement));
  if (report?.lagging) lines.push(...fact('Lagging', `${formatCount(report.lagging)} changed meanwhile`));
  for (const dryRun of report?.dryRuns ?? [])
    lines.push(...fact('Dry run', `by ${dryRun.by}: ${describeForecast(dryRun.found)}`));
  if (report?.completion)
    lines.push(...fact('Way back', `closed by ${describeApproval(report.completion).slice(3)}`));
  for (const rehearsal of report?.rehearsals ?? [])
    lines.push(...fact('Rehearsal', `by ${rehearsal.by}: ${describeRehearsal(rehearsal)}`));
  for (const repair of report?.repairs ?? [])
    lines.push(...fact('Repair', `by ${repair.by}: ${describeRepair(repair)}`));
  const others = Object.entries(report?.counts ?? {})
    .filter(([kind]) => !kind.startsWith('documents in '))
    .filter(([, { source, target }]) => source + target > 0);
  if (others.length > 0) {
    const texts = others.map(([kind, { source, target }]) => {
      const other = source === target ? '' : ` (${formatCount(target)} on the target)`;
      return `${formatCount(source)} ${spaced(kind)}${other}`;
    });
    lines.push(...fact('Other items', texts.join(', ')));
  }
  if (typeof downtimeSeconds === 'number') lines.push(...fact('Downtime', formatOutage(downtimeSeconds)));
  if (report?.approval) {
    const { approval } = report;
    lines.push(...fact('Approved', describeApproval(approval, localTime(approval.at))));
  }
  if (reportPath) lines.push(...fact('Report', reportPath));
  if (outcome === 'completed' && report?.attention) lines.push(...fact('Attention', report.attention));
  if (outcome === 'completed' && report && nounOf[report.workflowType] === 'migration') {
    const { source, target, sourceAfterCutover } = report.input as MigrateDatabaseConfig;
    const stays =
      report.freeze === 'fence' && sourceAfterCutover === 'closed' ? 'stays closed' : 'was left as it is';
    const next = `Point the application at "${target.database}". The source "${source.database}" ${stays}.`;
    lines.push(...fact('Next', next));
  }
  return lines;
}

/** `timeSeriesSegments` as `time series segments`. */
function spaced(kind: string): string {
  return kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).trim();
}

function shardRows(shards: Record<string, number>): (string | number)[][] {
  const total = Object.values(shards).reduce((sum, count) => sum + count, 0);
  const rows = Object.entries(shards).map(([shard, count]) => [
    shard,
    formatCount(count),
    total > 0 ? `${Math.round((count / total) * 100)}%` : '',
  ]);
  return [['Shard', 'Documents', 'Share'], ...rows];
}

/** Times of one phase are added up: a migration that waits for approval may repeat phases. */
function phaseRows(timings: PhaseTiming[]): (string | number)[][] {
  const rows = [...new Set(timings.map(({ phase }) => phase))].map((phase) => {
    const times = timings.filter((timing) => timing.phase === phase);
    const seconds = times.reduce((sum, time) => sum + time.seconds, 0);
    return [phase, `${formatSeconds(seconds)}${times.length > 1 ? ` in ${times.length} rounds` : ''}`];
  });
  return [['Phase', 'Time'], ...rows];
}

/** Settings without advice in one line, then each of the others. */
function settingTexts(settings: readonly SettingOutcome[]): string[] {
  const plain = settings.filter(({ outcome, advice }) => outcome === 'carried' && advice === '');
  const others = settings.filter((each) => !plain.includes(each));
  return [
    ...(plain.length > 0 ? [`carried: ${plain.map(({ setting }) => setting).join(', ')}`] : []),
    ...others.map((each) => `${each.outcome}: ${describeSetting(each)}`),
  ];
}

function toDoText({ about, text }: ToDo): string {
  return `${about}: ${text}`;
}

/** What arrived, and is still to be enabled, is told once. */
function otherwiseLeft(settings: readonly SettingOutcome[], leftToDo: readonly ToDo[]): SettingOutcome[] {
  const left = new Set(leftToDo.map(({ about }) => about));
  return settings.filter(({ setting, outcome }) => outcome !== 'carried' || !left.has(setting));
}

/** The plan listed settings before their outcome was known. */
function otherwiseNotCarried(lines: readonly string[], settings: readonly SettingOutcome[]): string[] {
  const known = new Set(settings.map(({ setting }) => setting));
  return lines.filter((line) => !known.has(subjectOfLine(line)));
}

function titled(title: string, texts: readonly string[], width: number): string[] {
  if (texts.length === 0) return [];
  const items = texts.flatMap((text) => labelled('  -', text, { width: width - 1, column: 4 }));
  return [`  ${title}`, ...items];
}

function indented(lines: string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
