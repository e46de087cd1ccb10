/** Figures for people, as Markdown. */
import { median, peakMb, type Run } from './figures.ts';

/** A table. */
export function table(head: string[], rows: string[][]): string {
  const cells = [head, head.map(() => '---'), ...rows];
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** The median, with the fastest and the slowest; a dash for what was not measured. */
export function seconds(runs: readonly Run[]): string {
  const values = runs.map((run) => run.seconds);
  if (values.length === 0) return '-';
  const middle = `${median(values).toFixed(1)} s`;
  if (values.length < 2) return middle;
  return `${middle} (${Math.min(...values).toFixed(1)} - ${Math.max(...values).toFixed(1)})`;
}

/** A ratio; a dash for what was not measured. */
export function ratio(value: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(2);
}

/** The most memory that any of some runs had; a dash for none. */
export function peak(runs: readonly Run[]): string {
  return runs.length === 0 ? '-' : `${peakMb(runs).toFixed(0)} MB`;
}

/** A run in a line of progress. */
export function runText({ seconds, peakRssMb }: Run): string {
  return `${seconds.toFixed(2)} s (${peakRssMb.toFixed(0)} MB)`;
}
