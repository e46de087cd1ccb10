/** A plan, as text. */

import type { Check } from '../../core/plan/check.ts';
import type { Estimate } from '../../core/plan/estimate.ts';
import type { BucketForecast, Forecast } from '../../core/plan/forecast.ts';
import { describeRange } from '../../core/plan/migration-plan.ts';
import type { Step } from '../../core/plan/steps.ts';
import type { AnyResult, PlanResult, RunResult } from '../../core/run/results.ts';
import { isAnchored } from '../../core/sharding/buckets.ts';
import { formatBytes, formatCount, formatSeconds } from '../../core/text/format.ts';
import { labelled, table } from '../terminal/text.ts';
import { checkBlocks, type Setting } from './check-lines.ts';

const LABEL_COLUMN = 18;

/** Whether a run returned a plan. */
export function isPlan(result: RunResult & AnyResult): result is PlanResult {
  return result.possible !== undefined;
}

/** Everything that a plan says, for `width` columns: first what needs a decision, then what will be done. */
export function planLines(plan: PlanResult, { width: columns, palette }: Setting): string[] {
  const setting = { width: Math.min(columns, 110), palette };
  const { checks, workflowId, possible, estimate, forecast } = plan;
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length;
  const [blockers, warnings] = [count('blocker'), count('warning')];
  const verdict = possible
    ? palette.green(palette.bold(`✓ Possible: ${workflowId}`))
    : palette.red(palette.bold(`✗ Not possible yet: ${workflowId}`));
  const numbers = [
    ...(blockers > 0 ? [palette.red(plural(blockers, 'blocker'))] : []),
    ...(warnings > 0 ? [palette.yellow(plural(warnings, 'warning'))] : []),
  ].join(', ');
  const blocks = [
    [`${verdict}${numbers && ` (${numbers})`}`],
    ...checkBlocks(checks, setting),
    forecast ? forecastLines(forecast, setting) : [],
    estimateLines(estimate, plan.estimateNote, setting),
    stepLines(plan.steps, setting),
    titled('What it does not do', plan.notDone, setting),
    titled('What is not carried over', plan.notCarried, setting),
    endLines(plan, { blockers, warnings }, setting),
  ];
  return blocks.filter((block) => block.length > 0).flatMap((block) => ['', ...block]);
}

/** The last lines stay on the screen: where the report is, and what to do next. */
function endLines(
  { reportPath, possible }: PlanResult,
  { blockers, warnings }: { blockers: number; warnings: number },
  { width }: Setting,
): string[] {
  const facts = { width: width - 1, column: LABEL_COLUMN };
  const above =
    warnings > 0
      ? `read ${warnings === 1 ? 'the warning' : `the ${warnings} warnings`} at the top, then `
      : '';
  const next = possible
    ? `${above}migrate with the same options: shardlift migrate ...`
    : `resolve ${blockers === 1 ? 'the blocker' : `the ${blockers} blockers`} at the top, then plan again`;
  return [...labelled('  Report', reportPath ?? 'not written', facts), ...labelled('  Next', next, facts)];
}

function forecastLines(forecast: Forecast, { width, palette }: Setting): string[] {
  const { shards, bytes, skew, buckets, anchored, unknownShard } = forecast;
  const rows = shards.map((shard) => [
    String(shard.shard),
    formatCount(shard.documents),
    formatBytes(shard.bytes),
    bytes > 0 ? `${Math.round((shard.bytes / bytes) * 100)}%` : '',
  ]);
  const facts = { width: width - 1, column: LABEL_COLUMN };
  const fact = (label: string, text: string) => labelled(`  ${label}`, text, facts);
  const shared = (some: readonly BucketForecast[]) => some.find((bucket) => bucket.documents > 1);
  const [largest, fullest] = [shared(buckets.largest), shared(buckets.fullest)];
  return [
    palette.bold('  Forecast of the shards'),
    ...table([['Shard', 'Documents', 'Size', 'Share'], ...rows]).map((line) => `  ${line}`),
    ...fact('Skew', `the largest holds ${skew.toFixed(2)} times the mean; 1.00 is even`),
    ...(largest ? fact('Largest bucket', describeBucket(largest)) : []),
    ...(fullest && fullest.bucket !== largest?.bucket ? fact('Fullest bucket', describeBucket(fullest)) : []),
    ...(anchored.documents > 0
      ? fact(
          'Ids with "$"',
          `${formatCount(anchored.documents)} are in ${plural(anchored.buckets, 'bucket')} chosen by what follows the "$"`,
        )
      : []),
    ...(unknownShard > 0
      ? fact(
          'Shard unknown',
          `${plural(unknownShard, 'id')} with control characters, whose shard only RavenDB knows`,
        )
      : []),
  ];
}

function describeBucket({ bucket, shard, documents, bytes, example }: BucketForecast): string {
  const why = documents > 1 && isAnchored(example) ? ', which share it because of their "$"' : '';
  return `${plural(documents, 'document')}${why}, ${formatBytes(bytes)}, such as ${JSON.stringify(example)} (bucket ${bucket}, shard ${shard})`;
}

function estimateLines(estimate: Estimate | null, note: string, { width, palette }: Setting): string[] {
  const facts = { width: width - 1, column: LABEL_COLUMN };
  if (!estimate) return [palette.bold('  Estimate'), ...labelled('  None', note, facts)];
  const { sample, copySeconds, verificationSeconds } = estimate;
  return [
    palette.bold('  Estimate'),
    ...labelled('  Copy', describeRange(copySeconds), facts),
    ...labelled(
      '  Verification',
      `${describeRange(verificationSeconds)}, twice; the second is in the downtime`,
      facts,
    ),
    ...labelled(
      '  Measured',
      `${plural(sample.documents, 'document')}, ${formatBytes(sample.bytes)} in ${formatSeconds(sample.seconds)}: ` +
        `${formatCount(sample.documentsPerSecond)} documents/s`,
      facts,
    ),
    ...labelled('  Reliability', note, facts),
  ];
}

function stepLines(steps: readonly Step[], { width, palette }: Setting): string[] {
  const column = 8 + Math.max(...steps.map(({ phase }) => phase.length));
  const layout = { width: width - 1, column };
  const lines = steps.flatMap(({ phase, does, source, target, human, downtime }, at) => {
    const label = `  ${String(at + 1).padStart(2)}  ${phase}`;
    return [
      ...labelled(label, does, layout),
      ...labelled(downtime ? '      downtime' : '', `source: ${source}`, { ...layout, style: palette.dim }),
      ...labelled('', `target: ${target}`, { ...layout, style: palette.dim }),
      ...(human ? labelled('', `you: ${human}`, { ...layout, style: palette.cyan }) : []),
    ].map((line) => line.replace('      downtime', `      ${palette.yellow('downtime')}`));
  });
  return [palette.bold('  Steps of the migration'), ...lines];
}

function titled(title: string, texts: readonly string[], { width, palette }: Setting): string[] {
  if (texts.length === 0) return [];
  const items = texts.flatMap((text) => labelled('  -', text, { width: width - 1, column: 4 }));
  return [palette.bold(`  ${title}`), ...items];
}

function plural(count: number, word: string): string {
  return `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`;
}
