/** Where the documents are, and where a plan expected them. */
import { html } from 'ghtml';
import type { Forecast } from '../core/plan/forecast.ts';
import type { RunReport } from '../core/run/report.ts';
import { formatBytes, formatCount } from '../core/text/format.ts';
import { bar, type Cell, type Column, type Html, section, table } from './markup.ts';

/** A row for each shard. */
export function shardsSection({ shards, shardBytes = {}, shares, plan }: RunReport): Html {
  const forecast = plan?.forecast ?? null;
  const actual = Object.entries(shards);
  if (actual.length === 0) return forecast ? section('Shards', forecastTable(forecast)) : '';
  const total = sumOf(shards);
  const totalBytes = sumOf(shardBytes);
  const most = Math.max(...actual.map(([, count]) => count));
  const rows = actual.map(([shard, count]): Cell[] => {
    const share = shares?.shards.find((each) => String(each.shard) === shard);
    const bytes = shardBytes[shard];
    return [
      shard,
      withShare(formatCount(count), count, total),
      ...(shares ? [percentOf(share?.documents ?? 0)] : []),
      ...(totalBytes > 0 ? [withShare(formatBytes(bytes ?? 0), bytes ?? 0, totalBytes)] : []),
      ...(totalBytes > 0 && shares ? [percentOf(share?.bytes ?? 0)] : []),
      bar(most > 0 ? count / most : 0),
    ];
  });
  const columns: Column[] = [
    'Shard',
    { number: 'Documents' },
    ...(shares ? [{ number: 'Forecast' }] : []),
    ...(totalBytes > 0 ? [{ number: 'Size' }] : []),
    ...(totalBytes > 0 && shares ? [{ number: 'Forecast' }] : []),
    'Beside the largest',
  ];
  return section('Shards', table('What each shard holds', columns, rows), explained(totalBytes > 0, shares));
}

function sumOf(numbers: Record<string, number>): number {
  return Object.values(numbers).reduce((sum, each) => sum + each, 0);
}

function withShare(text: string, part: number, total: number): string {
  return total > 0 ? `${text} (${percentOf(part / total)})` : text;
}

function percentOf(part: number): string {
  return `${Math.round(100 * part)}%`;
}

/** What the columns mean. */
function explained(hasSizes: boolean, shares: RunReport['shares']): Html {
  const said = [
    shares &&
      `The forecast is from ${formatCount(shares.sampled)} documents that were looked at before the copy: their JSON and attachments.`,
    hasSizes && 'A size is what documents and all that belongs to them take on the disk, without indexes.',
  ].filter(Boolean);
  return said.length > 0 ? html`<p class="said">${said.join(' ')}</p>` : '';
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
