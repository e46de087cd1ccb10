/** Where the documents are, and where a plan expected them. */
import type { Forecast } from '../core/plan/forecast.ts';
import type { RunReport } from '../core/run/report.ts';
import { formatBytes, formatCount } from '../core/text/format.ts';
import { bar, type Cell, type Column, type Html, section, table } from './markup.ts';

/** A row for each shard. */
export function shardsSection({ shards, plan }: RunReport): Html {
  const forecast = plan?.forecast ?? null;
  const actual = Object.entries(shards);
  if (actual.length === 0) return forecast ? section('Shards', forecastTable(forecast)) : '';
  const total = actual.reduce((sum, [, count]) => sum + count, 0);
  const most = Math.max(...actual.map(([, count]) => count));
  const rows = actual.map(([shard, count]): Cell[] => [
    shard,
    formatCount(count),
    total > 0 ? `${Math.round((100 * count) / total)}%` : '',
    bar(most > 0 ? count / most : 0),
  ]);
  const columns: Column[] = ['Shard', { number: 'Documents' }, { number: 'Share' }, 'Beside the largest'];
  return section('Shards', table('Documents of each shard', columns, rows));
}

function forecastTable({ shards }: Forecast): Html {
  const most = Math.max(...shards.map(({ bytes }) => bytes));
  const rows = shards.map(({ shard, documents, bytes }): Cell[] => [
    shard,
    formatCount(documents),
    formatBytes(bytes),
    bar(most > 0 ? bytes / most : 0, 'more'),
  ]);
  const columns: Column[] = ['Shard', { number: 'Documents' }, { number: 'Size' }, 'Beside the largest'];
  return table('What each shard will hold', columns, rows);
}
