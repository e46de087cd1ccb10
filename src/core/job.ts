/** What the workflows beside a migration show of themselves: a plan, an export, and imports of dumps and backups. */
import { requests } from './contract.ts';
import type { ItemNumbers } from './files.ts';
import { describeTransferred } from './markdown.ts';
import type { MigrationPlan } from './migration-plan.ts';
import { type FinalPhase, isFinal, type RunProgress } from './progress.ts';
import type { Check, Note, PhaseTiming } from './report.ts';
import type { SettingOutcome } from './settings.ts';
import { shellWord } from './shell.ts';

/** The steps of an export. */
export const exportPhases = ['planning', 'exporting', 'completing'] as const;

/** The steps of an import. */
export const importPhases = ['planning', 'preparing', 'importing', 'verifying', 'completing'] as const;

/** The steps of a plan. */
export const planPhases = ['planning', 'forecasting', 'sampling', 'completing'] as const;

export type JobPhase =
  | (typeof exportPhases)[number]
  | (typeof importPhases)[number]
  | (typeof planPhases)[number]
  | FinalPhase;

/** The answer of a job's `progress` query. */
export interface JobProgress extends RunProgress<JobPhase> {
  /** What the job does, in one line. */
  title: string;
  /** The steps of its runbook. */
  steps: readonly JobPhase[];
  /** What was found, a line each. */
  findings: string[];
}

/** `reports/<workflowId>/report.json` of a job, and the answer of its `report` query. */
export interface JobReport {
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
  /** The first items that differ between file and target. */
  differences: { kind: string; id: string; what: string }[];
  mismatches: number | null;
  /** Of a plan alone. */
  plan?: MigrationPlan;
  notes: Note[];
  failure: string | null;
}

/** Why a request is refused by a job now; undefined when it is allowed. */
export function refusalByJob(request: string, { phase, paused, steps }: JobProgress): string | undefined {
  if (isFinal(phase)) return `The run has ended (${phase}).`;
  switch (request) {
    case requests.pause:
      if (phase === 'completing') return 'All is done; there is nothing left to pause.';
      return paused ? 'The run is paused already.' : undefined;
    case requests.resume:
      return paused ? undefined : 'The run is not paused.';
    case requests.throttle:
      if (!steps.includes('importing')) return 'Only an import can be throttled.';
      return phase === 'verifying' || phase === 'completing'
        ? 'The import is done; there is nothing to throttle.'
        : undefined;
    default:
      return phase === 'completing' ? 'All is done; there is nothing left to abort.' : undefined;
  }
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
  if (lastRefusal) lines.push(`- Refused ${lastRefusal.request} at ${lastRefusal.at}: ${lastRefusal.reason}`);
  if (paused) {
    const resume = `temporal workflow update execute -w ${shellWord(progress.workflowId)} --name ${requests.resume} --input '{"by":"you"}'`;
    lines.push('', progress.waitingFor ?? '', '', '```', resume, '```');
  }
  lines.push('', `Workflow ${progress.workflowId}`);
  return lines.join('\n');
}
