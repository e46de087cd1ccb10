/** Lines on what will not be on the target, such as `index "Out": why`. */

/** What a line is about: everything before the first colon outside of quotes. */
export function subjectOfLine(line: string): string {
  return line.replace(/((?:[^":]|"[^"]*")*).*/s, '$1');
}

/** Adds lines by what they are about: a later line says what holds now, such as another number of keys. */
export function addLines(lines: Map<string, string>, added: readonly string[]): void {
  for (const line of added) lines.set(subjectOfLine(line), line);
}
