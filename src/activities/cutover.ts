import { assertSourceUnchanged, proveQuiet } from '../engine/cutover/quiet.ts';

/** Proving that nothing writes to the source. */
export const cutoverActivities = { proveQuiet, assertSourceUnchanged };
