/**
 * `npm run bench:verify`: Shardlift's full verification beside the import of the same data and beside the scripts that
 * one would write with RavenDB's client, in one run; and the memory of the worker.
 */
import { formatCount } from '../src/core/format.ts';
import type { Bed } from './bench/bed.ts';
import { inRounds, inTurn, type Options, roundsOf, runBench } from './bench/program.ts';
import { ratio, runText } from './bench/table.ts';
import {
  hasScripts,
  type VerifyMeasurement,
  type VerifyRound,
  verifyJsonLine,
  verifyRatios,
} from './bench/verify-figures.ts';
import { type Copied, importRun, naiveRun, verifyRun, withCopy } from './bench/verify-runs.ts';
import { verifySection, verifyTable } from './bench/verify-section.ts';

/** With more documents the straightforward script takes hours. */
const SCRIPTS_UP_TO = 200_000;
/** What a careful script loads with each request. */
const BATCH = 1_024;

await runBench<VerifyMeasurement>({
  name: 'verify',
  description: 'Compares the verification with an import and with scripts on the ravendb client.',
  json: 'print a line of JSON for each size; with a single size the scripts are always measured',
  warmUp: (bed, job) => withCopy(bed, job, async (copied) => describe(await round(bed, copied, 0, true))),
  measure: (bed, job, options) => withCopy(bed, job, (copied) => measure(bed, copied, options)),
  tables: verifyTable,
  section: verifySection,
  jsonLine: verifyJsonLine,
});

async function measure(bed: Bed, copied: Copied, options: Options): Promise<VerifyMeasurement> {
  const { docs } = copied;
  const withScripts = docs <= SCRIPTS_UP_TO || (options.json === true && options.docs.length === 1);
  const rounds = await inRounds(
    bed,
    copied,
    roundsOf(options, docs),
    (number) => round(bed, copied, number, withScripts),
    describe,
  );
  const measurement = { docs, rounds };
  const { toImport, toNaive, toBatches } = verifyRatios(measurement);
  const scripts = `scripts : verification ${ratio(toNaive)} and ${ratio(toBatches)}`;
  bed.say(`${formatCount(docs)}: verification : import ${ratio(toImport)}, ${scripts}`);
  return measurement;
}

/** Each way once, on the same data; which one begins goes round. */
async function round(bed: Bed, copied: Copied, number: number, withScripts: boolean): Promise<VerifyRound> {
  const ways = {
    import: () => importRun(bed, copied),
    verify: () => verifyRun(bed, copied),
  };
  if (!withScripts) return await inTurn(ways, number);
  const scripts = {
    oneByOne: () => naiveRun(bed, copied, 1),
    inBatches: () => naiveRun(bed, copied, BATCH),
  };
  return await inTurn({ ...ways, ...scripts }, number);
}

function describe(round: VerifyRound): string {
  const { import: imported, verify } = round;
  const scripts = hasScripts(round)
    ? `, script one by one ${runText(round.oneByOne)}, in batches ${runText(round.inBatches)}`
    : '';
  return `import ${runText(imported)}, verification ${runText(verify)}${scripts}`;
}
