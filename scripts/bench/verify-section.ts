/** The measurements of the verification for people. */
import { formatCount } from '../../src/core/format.ts';
import { conditions, type Setting } from './page.ts';
import { peak, ratio, seconds, table } from './table.ts';
import { hasNaive, type VerifyMeasurement, verifyRatios } from './verify-figures.ts';

/** The table, as Markdown. */
export function verifyTable(measurements: readonly VerifyMeasurement[]): string {
  const rows = measurements.map((measurement) => {
    const { docs, rounds } = measurement;
    const { toImport, toNaive } = verifyRatios(measurement);
    const verify = rounds.map((round) => round.verify);
    const naive = rounds.filter(hasNaive).map((round) => round.naive);
    return [
      formatCount(docs),
      String(rounds.length),
      seconds(rounds.map((round) => round.import)),
      seconds(verify),
      seconds(naive),
      ratio(toImport),
      ratio(toNaive),
      peak(verify),
      peak(naive),
    ];
  });
  const head = [
    'documents',
    'rounds',
    'import',
    'verification',
    'straightforward script',
    'verification : import',
    'script : verification',
    'peak memory, worker',
    'peak memory, script',
  ];
  return table(head, rows);
}

/** The part of `docs/benchmarks.md`. */
export function verifySection(measurements: readonly VerifyMeasurement[], setting: Setting): string {
  return `## The verification

How long \`verifyDatabases\` takes to compare a database with its copy in ${setting.shards} shards, beside the import of the same
data with RavenDB's own client ([scripts/bench/bare-smuggler.ts](../scripts/bench/bare-smuggler.ts)), and beside the
script that one would write with that client ([scripts/bench/naive-compare.ts](../scripts/bench/naive-compare.ts)).

${conditions(setting)}

${verifyTable(measurements)}

- **Import**: of a dump made before, from the call of \`import\` to its completion, into an empty target whose creation is
  not in the time, and which was found to hold every document.
- **Verification**: depth \`full\`, from the start of the workflow to its result. The start of the worker is not in it.
- **Straightforward script**: the ids come from a stream of the source; 1,024 documents at a time are loaded from one
  database and then from the other, in sessions as the client opens them, and compared as objects, without the change vector. Node's start
  is not in it. It looks at documents alone, and sees none that the target alone has.
- **What is compared** is equal, and each run was found to have compared every document of both sides.
- **A dash**: the script is not measured with more than 200,000 documents, unless a single size is measured with \`--json\`.
`;
}
