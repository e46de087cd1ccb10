/** What was compared, and each difference. */
import { describeForecast } from '../core/compare/repair.ts';
import { trendLines } from '../core/compare/trend.ts';
import { describeRepair, subjectOf } from '../core/compare/verification.ts';
import { describeRefusedItem } from '../core/copy/refused.ts';
import type { RunReport } from '../core/run/report.ts';
import { formatCount } from '../core/text/format.ts';
import { type Cell, type Column, details, type Html, list, moment, section, table } from './markup.ts';
import { spaced, utc } from './text.ts';

const OF_COLLECTION = 'documents in ';

/** Numbers of both sides by collection and kind, and what differs. */
export function comparisonSection(report: RunReport): Html {
  const { documents, counts, differences, mismatches, verifications, repairs } = report;
  const { dryRuns = [], trend = [] } = report;
  const numbers = Object.entries(counts).filter(([, { source, target }]) => source + target > 0);
  const collections = numbers.filter(([kind]) => kind.startsWith(OF_COLLECTION));
  const kinds = numbers.filter(([kind]) => !kind.startsWith(OF_COLLECTION));
  const all = documents ? [['documents', documents] as const, ...kinds] : kinds;
  const more = (mismatches ?? 0) - differences.length;
  return section(
    'Comparison',
    sides(
      'Items on both sides',
      'Kind',
      all.map(([kind, pair]) => [spaced(kind), pair]),
    ),
    sides(
      'Documents by collection',
      'Collection',
      collections.map(([kind, pair]) => [kind.slice(OF_COLLECTION.length), pair]),
    ),
    table(
      more > 0 ? `The first differences; ${formatCount(more)} more are not listed` : 'Differences',
      ['What', 'Id', 'How it differs', 'Shard'],
      differences.map(({ kind, id, what, shard }) => [subjectOf({ kind }), id, what, shard ?? '']),
    ),
    list(
      'Repairs',
      repairs.map((repair) => `${utc(repair.at)}, by ${repair.by}: ${describeRepair(repair)}`),
    ),
    list(
      'Dry runs of a repair',
      dryRuns.map(({ at, by, found }) => `${utc(at)}, by ${by}: ${describeForecast(found)}`),
    ),
    list('The last runs', trend.length > 1 ? trendLines(trend) : []),
    details('Every comparison of this run', verificationTable(verifications)),
  );
}

function sides(
  caption: string,
  what: string,
  pairs: readonly (readonly [string, { source: number; target: number }])[],
): Html {
  const columns: Column[] = [what, { number: 'Source' }, { number: 'Target' }, { number: 'Difference' }];
  return table(
    caption,
    columns,
    pairs.map(([name, { source, target }]): Cell[] => [
      name,
      formatCount(source),
      formatCount(target),
      source === target ? '0' : `${target > source ? '+' : '−'}${formatCount(Math.abs(target - source))}`,
    ]),
  );
}

function verificationTable(verifications: RunReport['verifications']): Html {
  return table(
    'Comparisons',
    ['When', 'Depth', { number: 'Documents' }, { number: 'Differences' }, { number: 'Changed meanwhile' }],
    verifications.map(({ at, depth, documents, mismatches, lagging }) => [
      moment(at),
      depth,
      formatCount(documents.source),
      formatCount(mismatches),
      formatCount(lagging),
    ]),
  );
}

/** Items that the target's server refuses, and who decided to do without them. */
export function refusedSection({ refused = [] }: RunReport): Html {
  return section('Refused by RavenDB', list('Items', refused.map(describeRefusedItem)));
}
