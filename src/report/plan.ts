/** What a plan says of the migration that it is for. */
import { describeRange } from '../core/plan/migration-plan.ts';
import type { RunReport } from '../core/run/report.ts';
import { formatBytes, formatCount } from '../core/text/format.ts';
import { facts, type Html, list, section, table } from './markup.ts';

/** How long it may take, its steps, and what the source holds. */
export function planSection({ plan }: RunReport): Html {
  if (!plan) return '';
  const { estimate, estimateNote, steps, notDone, forecast } = plan;
  return section(
    'Plan of the migration',
    facts([
      ['The copy takes', estimate ? describeRange(estimate.copySeconds) : undefined],
      ['A verification takes', estimate ? describeRange(estimate.verificationSeconds) : undefined],
      [estimate ? 'Measured' : 'Estimate', estimateNote],
    ]),
    table(
      'Steps',
      ['Phase', 'What is done', 'The source', 'The target', 'By a person', 'Downtime'],
      steps.map(({ phase, does, source, target, human, downtime }) => [
        phase,
        does,
        source,
        target,
        human ?? '',
        downtime ? 'yes' : '',
      ]),
    ),
    list('Not done by it', notDone),
    table(
      'Documents by collection',
      ['Collection', { number: 'Documents' }, { number: 'Size' }],
      (forecast?.collections ?? []).map(({ collection, documents, bytes }) => [
        collection,
        formatCount(documents),
        formatBytes(bytes),
      ]),
    ),
  );
}
