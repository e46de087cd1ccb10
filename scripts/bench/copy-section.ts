/** The measurements of the copy for people. */
import { formatCount } from '../../src/core/text/format.ts';
import { type Measurement, ratios, workerPeakMb } from './copy-figures.ts';
import { conditions, type Setting } from './page.ts';
import { peak, ratio, seconds, table } from './table.ts';

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
        formatCount(docs),
        String(rounds.length),
        seconds(bare),
        seconds(rounds.map((round) => round.stream)),
        seconds(rounds.map((round) => round.dump)),
        ratio(stream),
        ratio(dump),
        `${workerPeakMb(measurement).toFixed(0)} MB`,
        peak(bare),
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
        formatCount(docs),
        String(kills.length),
        seconds(kills.map(({ undisturbed }) => undisturbed)),
        seconds(kills.map(({ killed }) => killed)),
        ratio(ratios(measurement).killedAtHalf),
        kills.map(({ killed }) => formatCount(killed.killedAt)).join(', '),
      ];
    });
  if (rows.length === 0) return '';
  const head = ['documents', 'rounds', 'undisturbed', 'worker killed', 'killed : undisturbed', 'killed at'];
  return table(head, rows);
}

/** The part of `docs/benchmarks.md`. */
export function section(measurements: readonly Measurement[], setting: Setting): string {
  return `## The copy

How long Shardlift takes to copy a database into ${setting.shards} shards, compared with a bare script that exports and imports with
RavenDB's own client ([scripts/bench/bare-smuggler.ts](../scripts/bench/bare-smuggler.ts)); what the crash of a worker
costs; and how much memory a worker needs.

${conditions(setting)}

${tables(measurements)}

- **Bare script**: from the call of \`export\` to the end of \`import\`, without the start of Node. It reads the whole file
  into memory to import it.
- **\`stream\`, \`dump\`**: the phase \`copying\` in the report, which does the same as the bare script: export and import of
  everything. It includes Temporal's scheduling and progress reports, but not the start of the worker.
- **Both** exclude the creation of the empty target; each run has a new one. After each run the target was checked to
  hold every document.
- **Undisturbed, worker killed**: a whole migration with \`stream\`, from its start to \`completed\`: plan, copy, catch-up,
  comparison of every document, approval (immediate), cutover behind a fence, last round, last comparison, and no time in which
  it could be taken back. In the other one the worker gets SIGKILL when the target holds half of the documents ("killed at"), and a
  new worker is started immediately, as a supervisor would do.
`;
}
