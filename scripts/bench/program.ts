/** The frame of each benchmark: options, servers, a warm-up, one size after another, and what is told of them. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { Interrupted } from '../../src/cli/terminal/cli-error.ts';
import { untilInterrupted } from '../../src/cli/terminal/interrupt.ts';
import { formatCount } from '../../src/core/text/format.ts';
import { Database } from '../../src/ravendb/connection/database.ts';
import { deleteDatabase } from '../../src/ravendb/requests/databases.ts';
import { serverInfo } from '../../src/ravendb/requests/server.ts';
import { type Bed, openBed } from './bed.ts';
import type { Run } from './figures.ts';
import { type BenchName, type Setting, withPart } from './page.ts';
import type { Job } from './runs.ts';
import { createSource } from './source.ts';

/** What was typed. */
export interface Options {
  docs: number[];
  pairs?: number;
  rehearsals?: number;
  shards: number;
  json?: true;
  write?: true;
}

/** What makes a benchmark. `M` is everything that it measures with one number of documents. */
export interface Bench<M> {
  name: BenchName;
  description: string;
  /** What `--json` does. */
  json: string;
  /** Documents of each source, unless told. */
  sizes?: number[];
  /** One small round that is not counted. @returns its times */
  warmUp(bed: Bed, job: Job): Promise<string>;
  measure(bed: Bed, job: Job, options: Options): Promise<M>;
  tables(measurements: readonly M[]): string;
  /** Its part of `docs/benchmarks.md`. */
  section(measurements: readonly M[], setting: Setting): string;
  jsonLine(measurement: M): string;
}

const PAGE = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));
const WARM_UP_DOCS = 2_000;
/** After the source is written, the server still moves it from its journals to its files. */
const SETTLE_MS = 3_000;

/** Runs a benchmark as the program that this process is, and ends the process. */
export async function runBench<M>(bench: Bench<M>): Promise<never> {
  const command = new Command(`npm run bench:${bench.name} --`)
    .description(bench.description)
    .option('--docs <n,...>', 'documents of each source', counts, bench.sizes ?? [20_000, 200_000, 1_000_000])
    .option('--pairs <n>', 'rounds of each size (default: fewer, the larger the size)', count)
    .option('--shards <n>', 'shards of the target', count, 3)
    .option('--json', bench.json)
    .option('--write', 'write its part of docs/benchmarks.md');
  if (bench.name === 'cutover') command.option('--rehearsals <n>', 'rehearsals of each size (40)', count);
  const options = command.parse().opts<Options>();
  try {
    await untilInterrupted(({ signal }) => run(bench, options, signal));
  } catch (error) {
    const isInterrupted = error instanceof Interrupted;
    say(isInterrupted ? 'Interrupted.' : ((error as Error).stack ?? String(error)));
    process.exitCode = isInterrupted ? 130 : 1;
  }
  // what an interruption cut off must not keep the process alive
  process.exit();
}

async function run<M>(bench: Bench<M>, options: Options, signal: AbortSignal): Promise<void> {
  const load = loadavg()[0] ?? 0;
  if (load > 0.5) say(`The machine is busy (load average ${load.toFixed(2)}): the figures will be worse.`);
  // a process that is waited for does not keep this one alive
  const alive = setInterval(() => undefined, 60_000);
  const bed = await openBed(signal, say);
  try {
    const measurements: M[] = [];
    const warmUp = await withSource(bed, WARM_UP_DOCS, options, (job) => bench.warmUp(bed, job));
    say(`warm-up: ${warmUp}`);
    for (const docs of options.docs) {
      measurements.push(await withSource(bed, docs, options, (job) => bench.measure(bed, job, options)));
    }
    print(`${bench.tables(measurements)}\n`);
    if (options.write) await writePage(bed, bench, measurements, options, load);
    if (options.json) for (const measurement of measurements) print(bench.jsonLine(measurement));
  } catch (error) {
    // what an interruption breaks fails in ways of its own
    throw signal.aborted ? signal.reason : error;
  } finally {
    say('Stopping what was started ...');
    await bed.close();
    clearInterval(alive);
  }
}

async function withSource<T>(
  bed: Bed,
  docs: number,
  { shards }: Options,
  use: (job: Job) => Promise<T>,
): Promise<T> {
  const source = bed.databaseName(`bench-${docs}`);
  const start = performance.now();
  await createSource(bed, source, docs);
  const took = (performance.now() - start) / 1000;
  say(`source of ${formatCount(docs)} documents written in ${took.toFixed(1)} s`);
  await sleep(SETTLE_MS, undefined, { signal: bed.signal });
  const result = await use({ source, docs, shards });
  await deleteDatabase(new Database(bed.raven, source));
  return result;
}

/** Does as many rounds of one size as are asked for, and tells of each. */
export async function inRounds<R>(
  bed: Bed,
  { docs }: Job,
  rounds: number,
  round: (number: number) => Promise<R>,
  describe: (round: R) => string,
): Promise<R[]> {
  const done: R[] = [];
  for (let number = 0; number < rounds; number++) {
    const result = await round(number);
    done.push(result);
    bed.say(`${formatCount(docs)}: ${describe(result)}`);
  }
  return done;
}

/** How many rounds of a size are done. Small ones are quick and vary most; a large one takes its time and varies little. */
export function roundsOf({ pairs }: Options, docs: number): number {
  if (pairs !== undefined) return pairs;
  if (docs <= 50_000) return 5;
  return docs <= 500_000 ? 2 : 1;
}

/** Runs one after the other; `number` says with which to begin. */
export async function inTurn<T extends Record<string, () => Promise<Run>>>(
  ways: T,
  number: number,
): Promise<{ [Way in keyof T]: Awaited<ReturnType<T[Way]>> }> {
  const entries = Object.entries(ways);
  const first = number % entries.length;
  const results: Record<string, Run> = {};
  for (const [way, run] of [...entries.slice(first), ...entries.slice(0, first)]) results[way] = await run();
  return results as { [Way in keyof T]: Awaited<ReturnType<T[Way]>> };
}

async function writePage<M>(
  bed: Bed,
  bench: Bench<M>,
  measurements: readonly M[],
  { shards }: Options,
  load: number,
): Promise<void> {
  const [ravendb, temporal] = await Promise.all([
    serverInfo(bed.raven),
    bed.client.workflowService.getSystemInfo({}),
  ]);
  const setting = {
    command: [`npm run bench:${bench.name} --`, ...process.argv.slice(2)].join(' '),
    date: new Date().toISOString().slice(0, 10),
    shards,
    ravendb: ravendb.version,
    temporal: temporal.serverVersion,
    load,
  };
  const page = await readFile(PAGE, 'utf8').catch(() => '');
  await mkdir(dirname(PAGE), { recursive: true });
  await writeFile(PAGE, withPart(page, bench.name, bench.section(measurements, setting)));
  say('Its part of docs/benchmarks.md is written.');
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
