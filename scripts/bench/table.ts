/** The measurements for people. */
import { arch, cpus, platform, totalmem } from 'node:os';
import { type Measurement, median, type Run, ratios, workerPeakMb } from './figures.ts';

/** On what it was measured. */
export interface Setting {
  command: string;
  date: string;
  shards: number;
  ravendb: string;
  temporal: string;
  /** Load average of the last minute when the measurement began. */
  load: number;
}

/** The tables, as Markdown. */
export function tables(measurements: readonly Measurement[]): string {
  return [copyTable(measurements), killTable(measurements)].filter((table) => table !== '').join('\n\n');
}

function copyTable(measurements: readonly Measurement[]): string {
  const rows = measurements
    .filter(({ rounds }) => rounds.length > 0)
    .map((measurement) => {
      const { docs, rounds } = measurement;
      const { stream, dump } = ratios(measurement);
      const bare = rounds.map((round) => round.bare);
      return [
        count(docs),
        String(rounds.length),
        seconds(bare),
        seconds(rounds.map((round) => round.stream)),
        seconds(rounds.map((round) => round.dump)),
        stream.toFixed(2),
        dump.toFixed(2),
        `${workerPeakMb(measurement).toFixed(0)} MB`,
        `${Math.max(...bare.map(({ peakRssMb }) => peakRssMb)).toFixed(0)} MB`,
      ];
    });
  const head = [
    'documents',
    'rounds',
    'bare script',
    '`stream`',
    '`dump`',
    '`stream` : bare',
    '`dump` : bare',
    'peak memory, worker',
    'peak memory, bare script',
  ];
  return table(head, rows);
}

function killTable(measurements: readonly Measurement[]): string {
  const rows = measurements
    .filter(({ kills }) => kills.length > 0)
    .map((measurement) => {
      const { docs, kills } = measurement;
      return [
        count(docs),
        String(kills.length),
        seconds(kills.map(({ undisturbed }) => undisturbed)),
        seconds(kills.map(({ killed }) => killed)),
        ratios(measurement).killedAtHalf.toFixed(2),
        kills.map(({ killed }) => count(killed.killedAt)).join(', '),
      ];
    });
  if (rows.length === 0) return '';
  const head = ['documents', 'rounds', 'undisturbed', 'worker killed', 'killed : undisturbed', 'killed at'];
  return table(head, rows);
}

/** The whole of `docs/benchmarks.md`. */
export function page(measurements: readonly Measurement[], setting: Setting): string {
  const { command, date, shards, ravendb, temporal, load } = setting;
  const memory = Math.round(totalmem() / 2 ** 30);
  const machine = `${cpus().length} cores, ${memory} GB of memory, ${platform()} ${arch()}`;
  return `<!-- Written by \`${command}\`: run it again instead of editing. -->

# Benchmarks

How long Shardlift takes to copy a database into ${shards} shards, beside a bare script that exports and imports with
RavenDB's own client ([scripts/bench/bare-smuggler.ts](../scripts/bench/bare-smuggler.ts)); what the death of a worker
costs; and how much memory a worker needs.

    ${command}

${date}, on ${machine}; RavenDB ${ravendb}, Temporal ${temporal}, Node ${process.version.slice(1)}. Servers, worker and
script share the machine, and source and target share one server. Load average at the start: ${load.toFixed(2)}.

${tables(measurements)}

## What the figures cover

- **The data**: documents of about 1 KB in four collections, from a seeded generator
  ([scripts/bench/documents.ts](../scripts/bench/documents.ts)); no attachments, counters, time series or revisions.
- **Rounds**: within a round each way copies the same source into an empty target of its own, one after the other; each
  round begins with another way. Times are medians over the rounds, with the fastest and the slowest in brackets;
  ratios are medians of the ratios within each round. One small round before the first warms up the servers and is
  not counted.
- **Bare script**: from the call of \`export\` to the completion of \`import\`. Node's start is not in it.
- **\`stream\`, \`dump\`**: the phase \`copying\` as the report times it, which does the same as the bare script: export
  and import of everything. It holds Temporal's scheduling, and progress reports. The start of the worker is not in it.
- **Neither** holds the creation of the empty target. After each run the target was found to hold every document.
- **Undisturbed, worker killed**: a whole migration by \`stream\` with the default input, from its start to
  \`completed\`: plan, copy, catch-up, comparison of every document, approval (given at once), freeze, which waits for a
  source that stands still for 5 s, last round, last comparison. In the disturbed one the worker gets SIGKILL when the
  target holds half of the documents ("killed at"), and a new worker is started at once, as a supervisor would.
- **Peak memory**: the most that the process ever had resident (\`VmHWM\`), of a worker process that served that run
  alone; the largest over all runs of that size. The bare script reads the whole file into memory to import it.
`;
}

function seconds(runs: readonly Run[]): string {
  const values = runs.map((run) => run.seconds);
  const middle = `${median(values).toFixed(1)} s`;
  if (values.length < 2) return middle;
  return `${middle} (${Math.min(...values).toFixed(1)} - ${Math.max(...values).toFixed(1)})`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function table(head: string[], rows: string[][]): string {
  const cells = [head, head.map(() => '---'), ...rows];
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n');
}
