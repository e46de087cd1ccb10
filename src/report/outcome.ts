/** How a run ended, and what came of it. */
import { isFinal } from '../core/contract/phases.ts';
import { describeRehearsals } from '../core/cutover/rehearsal.ts';
import type { RunReport } from '../core/run/report.ts';
import { formatCount, formatOutage } from '../core/text/format.ts';
import { facts, type Html } from './markup.ts';
import { budgetOf } from './outage.ts';
import { spaced } from './text.ts';

/** In a word, and whether that is what was wanted. */
export function outcomeOf({ phase, mismatches, workflowType, plan }: RunReport): {
  word: string;
  kind: 'good' | 'bad' | 'open';
} {
  if (!isFinal(phase)) return { word: `in the phase ${phase}`, kind: 'open' };
  if (phase !== 'completed')
    return { word: phase.replace('-', ' '), kind: phase === 'failed' ? 'bad' : 'open' };
  if (plan && !plan.possible) return { word: 'a migration is not possible yet', kind: 'bad' };
  if (plan) return { word: 'a migration is possible', kind: 'good' };
  if (workflowType === 'verifyDatabases' && (mismatches ?? 0) > 0)
    return { word: 'the databases differ', kind: 'bad' };
  return { word: workflowType === 'verifyDatabases' ? 'no difference' : 'completed', kind: 'good' };
}

/** The numbers that people look for first. */
export function resultFacts(report: RunReport): Html {
  const {
    documents,
    mismatches,
    downtimeSeconds,
    items,
    rehearsals = [],
    lagging,
    sample,
    lateWrites,
  } = report;
  const budget = budgetOf(report);
  return facts([
    [
      'Documents',
      documents
        ? `${formatCount(documents.source)} on the source, ${formatCount(documents.target)} on the target`
        : undefined,
    ],
    ['Differences', mismatches === null ? undefined : mismatches === 0 ? 'none' : formatCount(mismatches)],
    ['Changed meanwhile', lagging ? `${formatCount(lagging)} documents` : undefined],
    ['Sample', sample?.statement],
    [
      'Items',
      Object.entries(items ?? {})
        .map(([kind, count = 0]) => `${formatCount(count)} ${spaced(kind)}`)
        .join(', '),
    ],
    [
      'Write outage',
      typeof downtimeSeconds === 'number'
        ? `${formatOutage(downtimeSeconds)}${budget === undefined ? '' : `, of a budget of ${budget}`}`
        : undefined,
    ],
    ['Rehearsed', describeRehearsals(rehearsals)],
    [
      'Late writes',
      lateWrites ? 'The old database was written to after the switch: see the notes.' : undefined,
    ],
  ]);
}
