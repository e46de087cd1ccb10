import { parseRehearseCutover } from '../core/contract/contract.ts';
import type { RehearsalResult } from '../core/run/results.ts';
import { type ContinuedMigration, rehearse } from './migration.ts';

/**
 * Tries what `cutOver` would do, up to the switch, and undoes it. The argument is one `RehearseCutoverInput`. Safe to run
 * under a schedule.
 */
export async function rehearseCutover(
  argument: unknown,
  continued?: ContinuedMigration,
): Promise<RehearsalResult> {
  return await rehearse(argument, parseRehearseCutover(argument), continued);
}
