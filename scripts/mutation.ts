/**
 * `npm run test:mutation [-- ROOM...]`: changes the pure core, the scanner and the router of dumps in thousands of
 * ways, and judges how many of the changes their tests find: {@link TOTAL} percent of all, {@link FLOOR} of each file.
 * Room by room, each by its own tests alone, since a change of a constant needs all of them. What was not found is
 * printed, and shown in reports/mutation/ROOM.html.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Percent of the changes that tests must find. */
const TOTAL = 90;
const FLOOR = 75;

interface Room {
  name: string;
  mutate: string;
  tests: string;
}

/** Nothing but figures: a test of them would only repeat them. */
const FIGURES = 'src/core/contract/tuning.ts';

const ROOMS: Room[] = [
  ...readdirSync('src/core').map((room) => ({
    name: room,
    mutate: `src/core/${room}/**/*.ts,!${FIGURES}`,
    tests: `test/core/${room}/**/*.test.ts`,
  })),
  {
    name: 'scanner',
    mutate: 'src/ravendb/dump/dump-scanner.ts',
    tests: 'test/ravendb/dump/dump-scanner.test.ts',
  },
  {
    name: 'router',
    mutate: 'src/engine/transfer/shard-router.ts',
    tests: 'test/engine/transfer/shard-router*.test.ts',
  },
];

interface Score {
  file: string;
  found: number;
  missed: number;
}

/** Changes what lies in a room, and runs its tests against each change. */
function mutate({ name, mutate, tests }: Room): Score[] {
  const { status, error } = spawnSync('stryker', ['run', '--mutate', mutate], {
    stdio: 'inherit',
    env: { ...process.env, MUTATION_TESTS: tests, MUTATION_ROOM: name },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`Stryker ended with ${status} for ${name}: its output says why.`);
  const report = JSON.parse(readFileSync(`reports/mutation/${name}.json`, 'utf8')) as {
    files: Record<string, { mutants: { status: string }[] }>;
  };
  return Object.entries(report.files).map(([file, { mutants }]) => {
    const count = (...statuses: string[]) => mutants.filter(({ status }) => statuses.includes(status)).length;
    return { file, found: count('Killed', 'Timeout'), missed: count('Survived', 'NoCoverage') };
  });
}

/** In percent; a file without anything to change has all of it. */
function percent({ found, missed }: Omit<Score, 'file'>): number {
  return found + missed === 0 ? 100 : (100 * found) / (found + missed);
}

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !ROOMS.some((room) => room.name === name));
if (unknown !== undefined) {
  throw new Error(`There is no room "${unknown}": name some of ${ROOMS.map(({ name }) => name).join(', ')}.`);
}
const scores = ROOMS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
  .flatMap(mutate)
  .filter(({ found, missed }) => found + missed > 0)
  .toSorted((a, b) => percent(a) - percent(b));
const total = {
  found: scores.reduce((sum, { found }) => sum + found, 0),
  missed: scores.reduce((sum, { missed }) => sum + missed, 0),
};
for (const score of scores) {
  process.stdout.write(
    `${percent(score).toFixed(1).padStart(5)} %  ${score.file}: ${score.missed} not found\n`,
  );
}
process.stdout.write(`${percent(total).toFixed(1).padStart(5)} %  of ${total.found + total.missed}\n`);
const low = scores.filter((score) => percent(score) < FLOOR);
if (low.length > 0 || percent(total) < TOTAL) {
  process.stderr.write(
    `Each file needs ${FLOOR} %, all together need ${TOTAL} %: test for what was not found.\n`,
  );
  process.exitCode = 1;
}
