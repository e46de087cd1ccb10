/** Text laid out for terminals, by the columns that it takes there. */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Breaks text at spaces into lines of at most `width` columns; a longer word gets a line of its own. */
export function wrap(text: string, width: number): string[] {
  const words = text.trim().replaceAll(/\s+/g, ' ');
  return words === '' ? [] : wrapAnsi(words, width).split('\n');
}

/** A label, and beside it text that wraps within its column. */
export function labelled(
  label: string,
  text: string,
  options: {
    width: number;
    column: number;
    style?: (text: string) => string;
    labelStyle?: (text: string) => string;
  },
): string[] {
  const { width, column, style = (line) => line, labelStyle = (line) => line } = options;
  const lines = wrap(text, Math.max(20, width - column));
  return lines.map((line, index) => {
    const begin = pad(index === 0 ? label : '', column);
    return (index === 0 ? labelStyle(begin) : begin) + style(line);
  });
}

/** Rows with columns as wide as they need to be; numbers are aligned to the right. */
export function table(rows: (string | number)[][]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const cell = (row: (string | number)[], column: number) => String(row[column] ?? '');
  const formats = Array.from({ length: columns }, (_, column) => {
    const width = Math.max(...rows.map((row) => stringWidth(cell(row, column))));
    const isNumber = rows.slice(1).every((row) => /^[\d,.%]*$/.test(cell(row, column)));
    return (text: string) => (isNumber ? text.padStart(width) : pad(text, width));
  });
  return rows.map((row) =>
    formats
      .map((format, column) => format(cell(row, column)))
      .join('   ')
      .trimEnd(),
  );
}

/** A time of ISO 8601 in the time zone of this machine, as `2026-11-30 14:05:00`. */
export function localTime(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : at.toLocaleString('sv-SE');
}

/** The columns of a terminal; a pipe has none, and some terminals say 0. */
export function widthOf({ columns }: { columns?: number }, otherwise: number): number {
  return columns || otherwise;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}
