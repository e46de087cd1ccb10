/** The measurements of the verification for people. */
import { formatCount } from '../../src/core/text/format.ts';
import { conditions, type Setting } from './page.ts';
import { peak, ratio, seconds, table } from './table.ts';
import { AT_A_TIME, runsOf, type VerifyMeasurement, verifyRatios } from './verify-figures.ts';

const IN_BATCHES = `${formatCount(AT_A_TIME.inBatches)} at a time`;

/** The table, as Markdown. */
export function verifyTable(measurements: readonly VerifyMeasurement[]): string {
  const rows = measurements.map((measurement) => {
    const { docs, rounds } = measurement;
    const { toImport, toNaive, toBatches } = verifyRatios(measurement);
    const verify = rounds.map((round) => round.verify);
    const oneByOne = runsOf(rounds, 'oneByOne');
    const inBatches = runsOf(rounds, 'inBatches');
    return [
      formatCount(docs),
      String(rounds.length),
      seconds(rounds.map((round) => round.import)),
      seconds(verify),
      seconds(oneByOne),
      seconds(inBatches),
      ratio(toImport),
      ratio(toNaive),
      ratio(toBatches),
      peak(verify),
      peak([...oneByOne, ...inBatches]),
    ];
  });
  const head = [
    'documents',
    'rounds',
    'import',
    'verification',
    'script, one by one',
    `script, ${IN_BATCHES}`,
    'verification : import',
    'one by one : verification',
    `${IN_BATCHES} : verification`,
    'peak memory, worker',
    'peak memory, scripts',
  ];
  return table(head, rows);
}

/** The part of `docs/benchmarks.md`. */
export function verifySection(measurements: readonly VerifyMeasurement[], setting: Setting): string {
  return `## The verification

How long \`verifyDatabases\` takes to compare a database with its copy in ${setting.shards} shards, compared with the import of the same
data with RavenDB's own client ([scripts/bench/bare-smuggler.ts](../scripts/bench/bare-smuggler.ts)), and with the
scripts that one would write with that client ([scripts/bench/naive-compare.ts](../scripts/bench/naive-compare.ts)).

${conditions(setting)}

${verifyTable(measurements)}

- **Import**: of an existing dump, from the call of \`import\` to its end, into an empty target, without the creation of
  the target, which was checked to hold every document.
- **Verification**: depth \`full\`, from the start of the workflow to its result, without the start of the worker.
- **Scripts**: the ids come from a stream of the source. The simple one loads the documents one by one through a session
  of each database; the better one loads ${formatCount(AT_A_TIME.inBatches)} with each request. Both compare objects without the change vector, and the
  time excludes the start of Node. They compare only documents, and miss those that only the target has. The simple one
  takes so long that it runs only in the first round of each size.
- **Both databases are equal**, and each run was checked to have compared every document of both.
- **A dash**: the scripts are not measured with more than 200,000 documents.
`;
}
