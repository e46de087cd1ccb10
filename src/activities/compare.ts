import { compareDatabases } from '../engine/compare/compare-databases.ts';
import { countDatabases } from '../engine/compare/count-databases.ts';
import { planComparison, readPart } from '../engine/compare/read-parts.ts';
import { sampleDatabases } from '../engine/compare/sample-databases.ts';
import { planVerification } from '../engine/plan/check-comparison.ts';

/** Comparing any two databases. Writes nothing, on either side. */
export const compareActivities = {
  planVerification,
  planComparison,
  readPart,
  compareDatabases,
  countDatabases,
  sampleDatabases,
};
