/**
 * `npm run bench:verify`: Shardlift's full verification beside the import of the same data and beside the scripts that
 * one would write with RavenDB's client, in one run; and the memory of the worker.
 */
import { formatCount } from '../src/core/text/format.ts';
import type { Bed } from './bench/bed.ts';
import { inRounds, inTurn, type Options, roundsOf, runBench } from './bench/program.ts';
import { ratio, runText } from './bench/table.ts';
import {
  type Script,
  type VerifyMeasurement,
  type VerifyRound,
  verifyJsonLine,
  verifyRatios,
} from './bench/verify-figures.ts';
import { type Copied, importRun, naiveRun, verifyRun, withCopy } from './bench/verify-runs.ts';
import { verifySection, verifyTable } from './bench/verify-section.ts';

/** With more documents the straightforward script takes hours. */
const SCRIPTS_UP_TO = 200_000;

await runBench<VerifyMeasurement>({
  name: 'verify',
  description: 'Compares the verification with an import and with scripts on the ravendb client.',
  json: 'print a line of JSON for each size',
  warmUp: (bed, job) =>
    withCopy(bed, job, async (copied) => describe(await round(bed, copied, 0, ['inBatches']))),
  measure: (bed, job, options) => withCopy(bed, job, (copied) => measure(bed, copied, options)),
  tables: verifyTable,
  section: verifySection,
  jsonLine: verifyJsonLine,
});

async function measure(bed: Bed, copied: Copied, options: Options): Promise<VerifyMeasurement> {
  const { docs } = copied;
  const rounds = await inRounds(
    bed,
    copied,
    roundsOf(options, docs),
    (number) => round(bed, copied, number, scriptsOf(docs, number)),
    describe,
  );
  const measurement = { docs, rounds };
  const { toImport, toNaive, toBatches } = verifyRatios(measurement);
  const scripts = `scripts : verification ${ratio(toNaive)} and ${ratio(toBatches)}`;
  bed.say(`${formatCount(docs)}: verification : import ${ratio(toImport)}, ${scripts}`);
  return measurement;
}

/** Which scripts are measured in a round. */
function scriptsOf(docs: number, number: number): Script[] {
  if (docs > SCRIPTS_UP_TO) return [];
  return number === 0 ? ['oneByOne', 'inBatches'] : ['inBatches'];
}

/** Each way once, on the same data; which one begins goes round. */
async function round(bed: Bed, copied: Copied, number: number, scripts: Script[]): Promise<VerifyRound> {
  return await inTurn(
    {
      import: () => importRun(bed, copied),
      verify: () => verifyRun(bed, copied),
      ...(scripts.includes('inBatches') && { inBatches: () => naiveRun(bed, copied, 'inBatches') }),
      ...(scripts.includes('oneByOne') && { oneByOne: () => naiveRun(bed, copied, 'oneByOne') }),
    },
    number,
  );
}

function describe({ import: imported, verify, oneByOne, inBatches }: VerifyRound): string {
  const runs = Object.entries({
    import: imported,
    verification: verify,
    'script in batches': inBatches,
    'script one by one': oneByOne,
  });
  return runs.flatMap(([what, run]) => (run ? `${what} ${runText(run)}` : [])).join(', ');
}
