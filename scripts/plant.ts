/**
 * `npm run plant [-- NAME...]`: plants mistakes into a copy of the checkout, one after another, and runs the tests that
 * should find each. Fails when a mistake stays unseen, no longer fits the code, or its tests fail without it. What
 * breaks what stands in test/plants/plants.yaml.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Plant, planted, readPlants } from './plants.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Neither sources nor what tests read. */
const NOT_COPIED = new Set(['.git', 'node_modules', 'dist', 'reports', 'dumps']);

/** Those of `npm test`. */
const PROJECTS = ['unit', 'workflows', 'workflow-requests', 'e2e'];

interface Outcome {
  /** Names of tests, or of files that could not run. */
  failed: string[];
  passed: number;
  /** Of the files, those that were not run. */
  missing: string[];
  output: string;
}

const names = process.argv.slice(2);
const all = readPlants(root);
const unknown = names.find((name) => !all.some((plant) => plant.name === name));
if (unknown !== undefined) throw new Error(`There is no plant "${unknown}" in test/plants/plants.yaml.`);
const plants = all.filter(({ name }) => names.length === 0 || names.includes(name));

const directory = mkdtempSync(join(tmpdir(), 'shardlift-plants-'));
const copy = join(directory, 'copy');
try {
  cpSync(root, copy, { recursive: true, filter: (from) => !NOT_COPIED.has(from.slice(root.length)) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  await requireGreen(plants);
  const unseen: string[] = [];
  for (const plant of plants) {
    const seconds = secondsSince(performance.now());
    const found = await findsOut(plant);
    if (found === undefined) unseen.push(plant.name);
    say(
      `${found === undefined ? 'UNSEEN' : 'red   '}  ${plant.name}  (${seconds()} s)  ${found ?? plant.breaks}`,
    );
  }
  say(`${plants.length - unseen.length} of ${plants.length} mistakes were found.`);
  if (unseen.length > 0) {
    say(`Nothing found ${unseen.join(', ')}: write the test that does.`);
    process.exitCode = 1;
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Without a mistake all tests must pass, else a red one says nothing. */
async function requireGreen(those: readonly Plant[]): Promise<void> {
  const files = [...new Set(those.flatMap(({ tests }) => tests))];
  const seconds = secondsSince(performance.now());
  const { failed, passed, missing, output } = await runTests(files);
  if (failed.length > 0 || missing.length > 0) {
    process.stderr.write(output);
    if (failed.length > 0) throw new Error(`Without any mistake these fail already: ${failed.join('; ')}.`);
    throw new Error(`No project of \`npm test\` runs ${missing.join(', ')}.`);
  }
  say(`green   without a mistake  (${seconds()} s)  ${passed} tests of ${files.length} files`);
}

/** The first test that a mistake turns red; undefined when all pass. */
async function findsOut(plant: Plant): Promise<string | undefined> {
  const file = join(copy, plant.file);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, planted(plant, text));
  try {
    const { failed, passed, output } = await runTests(plant.tests, plant.only);
    if (failed.length + passed === 0) {
      process.stderr.write(output);
      throw new Error(`For the plant "${plant.name}" no test was run.`);
    }
    return failed[0];
  } finally {
    writeFileSync(file, text);
  }
}

async function runTests(files: readonly string[], only?: string): Promise<Outcome> {
  const report = join(directory, 'report.json');
  rmSync(report, { force: true });
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', ...PROJECTS.flatMap((project) => ['--project', project]), '--bail', '1'];
  if (only !== undefined) args.push('--testNamePattern', only);
  const run = spawn(
    process.execPath,
    [...args, '--reporter=json', '--reporter=default', `--outputFile.json=${report}`, ...files],
    { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [run.stdout, run.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  const [status] = (await once(run, 'close')) as [number | null];
  const { testResults } = readReport(report, output);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const broken = testResults.find(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  if (broken) throw new Error(`${broken.name} could not be run: ${broken.message}`);
  const failed = tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
  // what prepares tests may fail as well, or what looks at what they left
  if (status !== 0 && failed.length === 0 && testResults.length > 0) {
    const reason = testResults.find(({ message }) => message)?.message.split('\n')[0];
    failed.push(reason ?? `the run ended with ${status}`);
  }
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const missing = files.filter((file) => !testResults.some(({ name }) => name.endsWith(`/${file}`)));
  return { failed, passed, missing, output };
}

interface Report {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
}

function readReport(file: string, output: string): Report {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch (reason) {
    process.stderr.write(output);
    throw new Error('The tests left no report: what they printed is above.', { cause: reason });
  }
}

function secondsSince(start: number): () => string {
  return () => ((performance.now() - start) / 1000).toFixed(1);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
