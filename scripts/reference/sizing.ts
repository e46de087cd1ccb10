/** The table of docs/sizing.md, computed from the largest measurement in docs/benchmarks.md. */

/** What was measured, of the documents of about 1 KB of which a million are 1 GB. */
const MEASURED = '1,000,000';
const SIZES = { '10 GB': 10, '100 GB': 100, '1 TB': 1_000 };
/** Columns of the page, by those of the benchmarks. */
const COLUMNS = {
  'copy, `stream`': '`stream`',
  'copy, `dump`': '`dump`',
  'comparison of everything': 'verification',
};
const BEGIN = '<!-- sizing -->';
const END = '<!-- /sizing -->';

/** The page with its table computed anew. @throws when a page has not what is looked for */
export function withSizing(page: string, benchmarks: string): string {
  const [before, rest] = page.split(BEGIN);
  const [, after] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined) throw new Error('docs/sizing.md has no marks.');
  return `${before}${BEGIN}\n\n${sizingTable(benchmarks)}\n\n${END}${after}`;
}

function sizingTable(benchmarks: string): string {
  const perGigabyte = Object.values(COLUMNS).map((column) => secondsIn(benchmarks, column));
  const rows = Object.entries(SIZES).map(([size, gigabytes]) => [
    size,
    ...perGigabyte.map((seconds) => durationText(seconds * gigabytes)),
  ]);
  return aligned([['documents', ...Object.keys(COLUMNS)], ...rows]);
}

/** The seconds that a million documents took, in a column of the first table that has it. */
function secondsIn(benchmarks: string, column: string): number {
  const lines = benchmarks
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map(cellsOf);
  const head = lines.findIndex((cells) => cells.includes(column));
  const row = lines.slice(head).find(([first]) => first === MEASURED);
  const seconds = Number.parseFloat(row?.[lines[head]?.indexOf(column) ?? -1] ?? '');
  if (Number.isNaN(seconds))
    throw new Error(`docs/benchmarks.md does not say ${column} for ${MEASURED} documents.`);
  return seconds;
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function durationText(seconds: number): string {
  const minutes = seconds / 60;
  if (minutes < 100) return `${Math.round(minutes)} min`;
  return `${(minutes / 60).toFixed(minutes < 600 ? 1 : 0)} h`;
}

/** A table as the formatter of this repository writes it. */
function aligned(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[], fill = ' ') =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`;
  const [head = [], ...others] = rows;
  return [
    line(head),
    line(
      head.map(() => ''),
      '-',
    ),
    ...others.map((row) => line(row)),
  ].join('\n');
}
