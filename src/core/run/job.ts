/** What the workflows beside a migration show of themselves: plans, exports, imports, comparisons. */

import { type TrendPoint, trendLines } from '../compare/trend.ts';
import { describeVerification, type Repair, type Verification } from '../compare/verification.ts';
import { requests } from '../contract/contract.ts';
import { isFinal, type JobPhase } from '../contract/phases.ts';
import type { ItemNumbers } from '../files/files.ts';
import type { Check } from '../plan/check.ts';
import type { MigrationPlan } from '../plan/migration-plan.ts';
import type { SettingOutcome } from '../settings/settings.ts';
import { shellWord } from '../text/format.ts';
import { describeTransferred, listed } from './page.ts';
import type { RunProgress } from './progress.ts';
import type { Note, PhaseTiming } from './report.ts';

/** The answer of a job's `progress` query. */
export interface JobProgress extends RunProgress<JobPhase> {
  /** What the job does, in one line. */
  title: string;
  /** The steps of its runbook. */
  steps: readonly JobPhase[];
  /** What was found, a line each. */
  findings: string[];
  /** Of a comparison: what it found. */
  verification?: Verification;
  /** Of a comparison under a schedule: the last runs. */
  trend?: TrendPoint[];
}

/** `reports/<workflowId>/report.json` of a job, and the answer of its `report` query. */
export interface JobReport extends Partial<Omit<Verification, 'mismatches' | 'differences'>> {
  workflowId: string;
  runId: string;
  title: string;
  phase: JobPhase;
  startedAt: string;
  endedAt: string | null;
  input: unknown;
  timings: PhaseTiming<string>[];
  checks: Check[];
  findings: string[];
  /** Items that were written or imported, by kind. */
  items: ItemNumbers;
  /** What RavenDB or we left out, and what to do about it. */
  notCarried: string[];
  settings?: SettingOutcome[];
  /** The first items that differ between file, or source, and target. */
  differences: { kind: string; id: string; what: string }[];
  mismatches: number | null;
  /** Of a comparison, beside what it found: what was done about it, and the last runs. */
  repairs?: Repair[];
  trend?: TrendPoint[];
  /** Of a plan alone. */
  plan?: MigrationPlan;
  notes: Note[];
  failure: string | null;
}

/** Why a request is refused by a job now; undefined when it is allowed. */
export function refusalByJob(request: string, progress: JobProgress): string | undefined {
  const { phase, paused } = progress;
  if (isFinal(phase)) return `The run has ended (${phase}).`;
  switch (request) {
    case requests.pause:
      if (phase === 'completing') return 'All is done; there is nothing left to pause.';
      return paused ? 'The run is paused already.' : undefined;
    case requests.resume:
      return paused ? undefined : 'The run is not paused.';
    case requests.throttle:
      return refusalOfThrottle(progress);
    case requests.repair:
      if (phase === 'awaiting-repair')
        return paused ? `The run is paused; send ${requests.resume} first.` : undefined;
      return progress.steps.includes('awaiting-repair')
        ? `Nothing can be repaired while ${phase}: wait for the phase awaiting-repair.`
        : 'Nothing is repaired by this run: start one with "repair": "ask".';
    default:
      return phase === 'completing' ? 'All is done; there is nothing left to abort.' : undefined;
  }
}

function refusalOfThrottle({ phase, steps }: JobProgress): string | undefined {
  if (!steps.includes('importing') && !steps.includes('comparing'))
    return 'Only an import or a comparison can be throttled.';
  if (phase === 'verifying' || phase === 'completing')
    return 'The import is done; there is nothing to throttle.';
  if (!steps.includes('comparing') || phase === 'reading') return undefined;
  return phase === 'planning' && steps.includes('reading')
    ? undefined
    : 'Nothing large is read now; there is nothing to throttle.';
}

/** The page that Temporal's UI and `temporal workflow metadata` show of a job. */
export function jobDetails(progress: JobProgress): string {
  const { title, phase, paused, since, attention, transferred, findings, lastRefusal } = progress;
  const here = progress.steps.indexOf(phase);
  const steps = progress.steps.map((step, at) => {
    if (at < here) return `- ~~${step}~~`;
    return at === here ? `- **${step}**` : `- ${step}`;
  });
  const lines = [`**${title}**`, '', `Phase **${phase}**${paused ? ', **paused**' : ''}, since ${since}`, ''];
  if (!isFinal(phase)) lines.push(...steps, '');
  if (attention) lines.push(`**Attention:** ${attention}`, '');
  if (transferred) lines.push(`- Progress: ${describeTransferred(transferred)}`);
  lines.push(...findings.map((finding) => `- ${finding}`));
  if (progress.verification) lines.push(...comparisonLines(progress.verification));
  if (lastRefusal) lines.push(`- Refused ${lastRefusal.request} at ${lastRefusal.at}: ${lastRefusal.reason}`);
  const next = nextCommand(progress);
  if (next) lines.push('', progress.waitingFor ?? '', '', '```', next, '```');
  const { trend = [] } = progress;
  if (trend.length > 1) lines.push('', 'The last runs:', '', ...trendLines(trend).map((line) => `- ${line}`));
  lines.push('', `Workflow ${progress.workflowId}`);
  return lines.join('\n');
}

function comparisonLines(verification: Verification): string[] {
  const { sample } = verification;
  return [
    `- Comparison: ${describeVerification(verification)}`,
    ...(sample ? [`- Sample: ${sample.statement}`] : []),
    ...listed(verification),
  ];
}

/** The Temporal command that carries the run on from here. */
function nextCommand({ phase, paused, workflowId }: JobProgress): string | undefined {
  const update = (name: string, input: string) =>
    `temporal workflow update execute -w ${shellWord(workflowId)} --name ${name} --input '${input}'`;
  if (paused) return update(requests.resume, '{"by":"you"}');
  return phase === 'awaiting-repair' ? update(requests.repair, '{"by":"you","note":"why"}') : undefined;
}
