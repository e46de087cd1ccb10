/**
 * `npm run bench:copy`: Shardlift's copy beside a bare script that uses RavenDB's client, on the same data in one run;
 * what a killed worker costs; and the memory of the worker.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { Interrupted } from '../src/cli/cli-error.ts';
import { untilInterrupted } from '../src/cli/interrupt.ts';
import { deleteDatabase } from '../src/ravendb/database.ts';
import { serverInfo } from '../src/ravendb/server.ts';
import { type Bed, openBed } from './bench/bed.ts';
import { jsonLine, type KillRound, type Measurement, type Round, type Run, ratios } from './bench/figures.ts';
import { bareRun, copyRun, type Job, killedRun, wholeRun } from './bench/runs.ts';
import { createSource } from './bench/source.ts';
import { page, tables } from './bench/table.ts';

interface Options {
  docs: number[];
  pairs?: number;
  shards: number;
  json?: true;
  write?: true;
}

const PAGE = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));
const WARM_UP_DOCS = 2_000;
/** The size whose migration is killed, unless only others are measured. */
const KILLED_DOCS = 200_000;
/** After the source is written, the server still moves it from its journals to its files. */
const SETTLE_MS = 3_000;

const options = new Command('npm run bench:copy --')
  .description('Compares Shardlift with a bare export and import by the ravendb client.')
  .option('--docs <n,...>', 'documents of each source', counts, [20_000, 200_000, 1_000_000])
  .option('--pairs <n>', 'rounds of each size (default: fewer, the larger the size)', count)
  .option('--shards <n>', 'shards of the target', count, 3)
  .option('--json', 'print a line of JSON for each size; killed workers are measured with each')
  .option('--write', 'write docs/benchmarks.md')
  .parse()
  .opts<Options>();

try {
  await untilInterrupted(({ signal }) => bench(signal));
} catch (error) {
  const isInterrupted = error instanceof Interrupted;
  say(isInterrupted ? 'Interrupted.' : ((error as Error).stack ?? String(error)));
  process.exitCode = isInterrupted ? 130 : 1;
}
// what an interruption cut off must not keep the process alive
process.exit();

async function bench(signal: AbortSignal): Promise<void> {
  const load = loadavg()[0] ?? 0;
  if (load > 0.5) say(`The machine is busy (load average ${load.toFixed(2)}): the figures will be worse.`);
  // a process that is waited for does not keep this one alive
  const alive = setInterval(() => undefined, 60_000);
  const bed = await openBed(signal, say);
  try {
    const measurements: Measurement[] = [];
    const warmUp = await withSource(bed, WARM_UP_DOCS, (job) => round(bed, job, 0));
    say(`warm-up: ${describe(warmUp)}`);
    for (const docs of options.docs) measurements.push(await measure(bed, docs));
    print(`${tables(measurements)}\n`);
    if (options.write) await writePage(bed, measurements, load);
    if (options.json) for (const measurement of measurements) print(jsonLine(measurement));
  } catch (error) {
    // what an interruption breaks fails in ways of its own
    throw signal.aborted ? signal.reason : error;
  } finally {
    say('Stopping what was started ...');
    await bed.close();
    clearInterval(alive);
  }
}

async function measure(bed: Bed, docs: number): Promise<Measurement> {
  return await withSource(bed, docs, async (job) => {
    const title = docs.toLocaleString('en-US');
    const rounds: Round[] = [];
    const kills: KillRound[] = [];
    for (let number = 0; number < (options.pairs ?? defaultRounds(docs)); number++) {
      const done = await round(bed, job, number);
      rounds.push(done);
      say(`${title}: ${describe(done)}`);
    }
    const killRounds = isKilled(docs) ? Math.min(2, options.pairs ?? 2) : 0;
    for (let number = 0; number < killRounds; number++) {
      const done = await killRound(bed, job, number);
      kills.push(done);
      const { undisturbed, killed } = done;
      say(
        `${title}, whole migration: undisturbed ${text(undisturbed)}, worker killed at ${killed.killedAt} ${text(killed)}`,
      );
    }
    const measurement = { docs, rounds, kills };
    const { stream, dump, killedAtHalf } = ratios(measurement);
    say(
      `${title}: stream ${stream.toFixed(2)}, dump ${dump.toFixed(2)}, killed at half ${killedAtHalf.toFixed(2)}`,
    );
    return measurement;
  });
}

/** Each way once, on the same data; which one begins goes round. */
async function round(bed: Bed, job: Job, number: number): Promise<Round> {
  const ways = {
    bare: () => bareRun(bed, job),
    stream: () => copyRun(bed, job, 'stream'),
    dump: () => copyRun(bed, job, 'dump'),
  };
  return await inTurn(ways, number);
}

async function killRound(bed: Bed, job: Job, number: number): Promise<KillRound> {
  return await inTurn({ undisturbed: () => wholeRun(bed, job), killed: () => killedRun(bed, job) }, number);
}

/** Runs one after the other; `number` says with which to begin. */
async function inTurn<T extends Record<string, () => Promise<Run>>>(
  ways: T,
  number: number,
): Promise<{ [Way in keyof T]: Awaited<ReturnType<T[Way]>> }> {
  const entries = Object.entries(ways);
  const first = number % entries.length;
  const results: Record<string, Run> = {};
  for (const [way, run] of [...entries.slice(first), ...entries.slice(0, first)]) results[way] = await run();
  return results as { [Way in keyof T]: Awaited<ReturnType<T[Way]>> };
}

async function withSource<T>(bed: Bed, docs: number, use: (job: Job) => Promise<T>): Promise<T> {
  const source = bed.databaseName(`bench-${docs}`);
  const start = performance.now();
  await createSource(bed, source, docs);
  const took = (performance.now() - start) / 1000;
  say(`source of ${docs.toLocaleString('en-US')} documents written in ${took.toFixed(1)} s`);
  await sleep(SETTLE_MS, undefined, { signal: bed.signal });
  const result = await use({ source, docs, shards: options.shards });
  await deleteDatabase(bed.raven, source);
  return result;
}

async function writePage(bed: Bed, measurements: Measurement[], load: number): Promise<void> {
  const [ravendb, temporal] = await Promise.all([
    serverInfo(bed.raven),
    bed.client.workflowService.getSystemInfo({}),
  ]);
  const setting = {
    command: ['npm run bench:copy --', ...process.argv.slice(2)].join(' '),
    date: new Date().toISOString().slice(0, 10),
    shards: options.shards,
    ravendb: ravendb.version,
    temporal: temporal.serverVersion,
    load,
  };
  await mkdir(dirname(PAGE), { recursive: true });
  await writeFile(PAGE, page(measurements, setting));
  say('docs/benchmarks.md is written.');
}

/** Small copies are quick and their times vary most; a large one takes its time and varies little. */
function defaultRounds(docs: number): number {
  if (docs <= 50_000) return 5;
  return docs <= 500_000 ? 2 : 1;
}

function isKilled(docs: number): boolean {
  const usual = options.docs.includes(KILLED_DOCS) ? KILLED_DOCS : options.docs[0];
  return options.json === true || docs === usual;
}

function describe({ bare, stream, dump }: Round): string {
  return `bare ${text(bare)}, stream ${text(stream)}, dump ${text(dump)}`;
}

function text({ seconds, peakRssMb }: Run): string {
  return `${seconds.toFixed(2)} s (${peakRssMb.toFixed(0)} MB)`;
}

function counts(value: string): number[] {
  return value.split(',').map(count);
}

function count(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(value);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
