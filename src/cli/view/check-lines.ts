import stringWidth from 'string-width';
import type { Check } from '../../core/plan/check.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { labelled, widthOf } from '../terminal/text.ts';

/** Where text is printed. */
export interface Setting {
  width: number;
  palette: Palette;
}

const MARKS: Record<Check['status'], [string, keyof Palette]> = {
  blocker: ['✗', 'red'],
  warning: ['!', 'yellow'],
  ok: ['✓', 'green'],
};

/** Findings in three blocks of lines: what blocks, what to look at, what is well. A block may be empty. */
export function checkBlocks(checks: readonly Check[], setting: Setting): string[][] {
  return (['blocker', 'warning', 'ok'] as const).map((status) => checkLines(checks, status, setting));
}

/** Prints findings on stdout, block by block. */
export function printChecks(checks: readonly Check[]): void {
  const width = Math.min(widthOf(process.stdout, 100), 110);
  const blocks = checkBlocks(checks, { width, palette: paletteFor(process.stdout) });
  const lines = blocks.filter((block) => block.length > 0).flatMap((block) => ['', ...block]);
  process.stdout.write(`${lines.join('\n')}\n\n`);
}

function checkLines(
  checks: readonly Check[],
  status: Check['status'],
  { width, palette }: Setting,
): string[] {
  const some = checks.filter((check) => check.status === status);
  if (some.length === 0) return [];
  const [mark, colour] = MARKS[status];
  const column = 4 + Math.max(...some.map(({ name }) => stringWidth(name))) + 2;
  const layout = { width: width - 1, column, labelStyle: palette[colour] };
  return some.flatMap(({ name, message }) => labelled(`  ${mark} ${name}`, message, layout));
}
