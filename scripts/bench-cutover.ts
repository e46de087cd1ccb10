/**
 * `npm run bench:cutover`: for how long nobody can write at a cutover, as the writers see it: rehearsals, real cutovers and
 * their roll-backs, beside RavenDB's bare disable and enable of the same database.
 */
import { formatCount } from '../src/core/text/format.ts';
import type { Bed } from './bench/bed.ts';
import {
  type CutoverMeasurement,
  cutoverJson,
  cutoverSection,
  cutoverTable,
  describeOutages,
} from './bench/cutover-figures.ts';
import { bareOutages, cutoverRound, undoTimes } from './bench/cutover-runs.ts';
import { type Options, runBench } from './bench/program.ts';
import type { Job } from './bench/runs.ts';

/** Of the bare disable and enable, and of undoing a fence. */
const BARE_ROUNDS = 10;
const REHEARSALS = 40;
const CUTOVERS = 10;

await runBench<CutoverMeasurement>({
  name: 'cutover',
  description: 'Measures for how long writers have to wait at a cutover behind a fence.',
  json: 'print a line of JSON for each size',
  sizes: [20_000, 500_000],
  warmUp: async (bed, job) => describeOutages(await cutoverRound(bed, job, 1)),
  measure,
  tables: cutoverTable,
  section: cutoverSection,
  jsonLine: cutoverJson,
});

/** Each round is a migration: the first one is rehearsed, each cuts over and is rolled back. */
async function measure(bed: Bed, job: Job, options: Options): Promise<CutoverMeasurement> {
  const { docs } = job;
  const bare = await bareOutages(bed, job, BARE_ROUNDS);
  const undo = await undoTimes(bed, job, BARE_ROUNDS);
  const rehearsals: number[] = [];
  const cutovers: number[] = [];
  const rollBacks: number[] = [];
  for (let number = 0; number < (options.pairs ?? CUTOVERS); number++) {
    const round = await cutoverRound(bed, job, number === 0 ? (options.rehearsals ?? REHEARSALS) : 0);
    rehearsals.push(...round.rehearsals);
    cutovers.push(...round.cutovers);
    rollBacks.push(...round.rollBacks);
    bed.say(`${formatCount(docs)}: ${describeOutages(round)}`);
  }
  return { docs, bare, undo, rehearsals, cutovers, rollBacks };
}
