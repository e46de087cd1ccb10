/** Text laid out for terminals. */

/** Breaks text at spaces into lines of at most `width`; a longer word gets a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

/** A label, and beside it text that wraps within its column. */
export function labelled(
  label: string,
  text: string,
  options: { width: number; column: number; style?: (text: string) => string },
): string[] {
  const { width, column, style = (line) => line } = options;
  const lines = wrap(text, Math.max(20, width - column));
  return lines.map((line, index) => (index === 0 ? label : '').padEnd(column) + style(line));
}

/** Rows with columns as wide as they need to be; numbers are aligned to the right. */
export function table(rows: (string | number)[][]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, String(cell).length);
    }
  }
  const isNumber = (index: number) =>
    rows.slice(1).every((row) => /^[\d,.%]*$/.test(String(row[index] ?? '')));
  return rows.map((row) =>
    row
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return isNumber(index) ? String(cell).padStart(width) : String(cell).padEnd(width);
      })
      .join('   ')
      .trimEnd(),
  );
}
