/**
 * Prints the ten slowest files and tests of a run: `node scripts/slowest.ts <results>`, the file that vitest's reporter
 * `json` wrote.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';

const SHOWN = 10;

/** What is read of vitest's results. Times are milliseconds. */
export interface Results {
  testResults: {
    name: string;
    startTime: number;
    endTime: number;
    assertionResults: { fullName: string; duration?: number | null }[];
  }[];
}

/** The lines to print; files by their paths below `root`. */
export function slowest({ testResults }: Results, root = process.cwd()): string[] {
  const files = testResults.map(({ name, startTime, endTime }) => ({
    what: relative(root, name),
    ms: endTime - startTime,
  }));
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, duration }) => ({
      what: `${relative(root, name)}: ${fullName}`,
      ms: duration ?? 0,
    })),
  );
  return ['The slowest files', ...table(files), '', 'The slowest tests', ...table(tests)];
}

function table(all: { what: string; ms: number }[]): string[] {
  return all
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, SHOWN)
    .map(({ what, ms }) => `${(ms / 1000).toFixed(1).padStart(8)} s  ${what}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , file] = process.argv;
  if (!file) throw new Error('which results? node scripts/slowest.ts <results>');
  const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
  process.stdout.write(`${slowest(results).join('\n')}\n`);
}
