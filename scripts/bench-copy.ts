/**
 * `npm run bench:copy`: Shardlift's copy beside a bare script that uses RavenDB's client, on the same data in one run;
 * what a killed worker costs; and the memory of the worker.
 */
import { formatCount } from '../src/core/text/format.ts';
import type { Bed } from './bench/bed.ts';
import { jsonLine, type KillRound, type Measurement, type Round, ratios } from './bench/copy-figures.ts';
import { bareRun, copyRun, killedRun, wholeRun } from './bench/copy-runs.ts';
import { section, tables } from './bench/copy-section.ts';
import { inRounds, inTurn, type Options, roundsOf, runBench } from './bench/program.ts';
import type { Job } from './bench/runs.ts';
import { runText } from './bench/table.ts';

/** The size whose migration is killed, unless only others are measured. */
const KILLED_DOCS = 200_000;

await runBench<Measurement>({
  name: 'copy',
  description: 'Compares Shardlift with a bare export and import by the ravendb client.',
  json: 'print a line of JSON for each size; killed workers are measured with each',
  warmUp: async (bed, job) => describe(await round(bed, job, 0)),
  measure,
  tables,
  section,
  jsonLine,
});

async function measure(bed: Bed, job: Job, options: Options): Promise<Measurement> {
  const { docs } = job;
  const rounds = await inRounds(
    bed,
    job,
    roundsOf(options, docs),
    (number) => round(bed, job, number),
    describe,
  );
  const killRounds = isKilled(options, docs) ? Math.min(2, options.pairs ?? 2) : 0;
  const kills = await inRounds(bed, job, killRounds, (number) => killRound(bed, job, number), describeKill);
  const measurement = { docs, rounds, kills };
  const { stream, dump, killedAtHalf } = ratios(measurement);
  bed.say(
    `${formatCount(docs)}: stream ${stream.toFixed(2)}, dump ${dump.toFixed(2)}, killed at half ${killedAtHalf.toFixed(2)}`,
  );
  return measurement;
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

function isKilled({ docs: sizes, json }: Options, docs: number): boolean {
  const usual = sizes.includes(KILLED_DOCS) ? KILLED_DOCS : sizes[0];
  return json === true || docs === usual;
}

function describe({ bare, stream, dump }: Round): string {
  return `bare ${runText(bare)}, stream ${runText(stream)}, dump ${runText(dump)}`;
}

function describeKill({ undisturbed, killed }: KillRound): string {
  return `whole migration: undisturbed ${runText(undisturbed)}, worker killed at ${killed.killedAt} ${runText(killed)}`;
}
