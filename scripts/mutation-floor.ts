/**
 * Fails when the tests of a file let too many of its mutants live, by Stryker's last report: the score of all files
 * together, which Stryker judges itself, hides one that nobody tests.
 */
import { readFileSync } from 'node:fs';

const REPORT = 'reports/mutation.json';
/** In percent, of the mutants of a file. */
const FLOOR = 75;

interface MutationReport {
  files: Record<string, { mutants: { status: string }[] }>;
}

const DETECTED = new Set(['Killed', 'Timeout']);
const MISSED = new Set(['Survived', 'NoCoverage']);

const { files } = JSON.parse(readFileSync(REPORT, 'utf8')) as MutationReport;
const low = Object.entries(files)
  .map(([file, { mutants }]) => {
    const detected = mutants.filter(({ status }) => DETECTED.has(status)).length;
    const missed = mutants.filter(({ status }) => MISSED.has(status)).length;
    return { file, missed, score: (100 * detected) / (detected + missed) };
  })
  .filter(({ score }) => score < FLOOR);
for (const { file, missed, score } of low) {
  process.stderr.write(`${file}: ${score.toFixed(1)} % of its mutants are found, ${missed} are not.\n`);
}
if (low.length > 0) {
  process.stderr.write(`Each file needs ${FLOOR} %. reports/mutation.html shows what lives: test for it.\n`);
  process.exitCode = 1;
}
