/** What a look at many files finds, cut down to what fits into a history and a page. */
import type { Check } from '../plan/check.ts';

const MOST = 50;

/** The first lines and the last one, and how many lie between. */
export function firstLines(lines: readonly string[]): string[] {
  if (lines.length <= MOST) return [...lines];
  return [...lines.slice(0, MOST - 1), `... and ${lines.length - MOST} more.`, ...lines.slice(-1)];
}

/** The first checks of each status, and how many more there are. */
export function firstChecks(checks: readonly Check[]): Check[] {
  return [...Map.groupBy(checks, ({ status }) => status)].flatMap(([status, same]) =>
    same.length <= MOST
      ? same
      : [
          ...same.slice(0, MOST),
          { name: 'more', status, message: `There are ${same.length - MOST} more like these.` },
        ],
  );
}
