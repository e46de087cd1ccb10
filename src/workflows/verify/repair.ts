/** A repair on request, and its dry run: the same for every workflow type that compares a target with its source. */
import { NOTHING_TO_REPAIR, type RepairSides, type SidesRead } from '../../core/compare/repair.ts';
import { differenceKey } from '../../core/compare/verification.ts';
import { bulk } from '../run/activity-proxies.ts';
import type { RepairableState } from '../run/repairable-state.ts';
import type { Run } from '../run/run.ts';

/** What to repair. */
export interface Repairable extends Omit<RepairSides, keyof SidesRead> {
  /** What both sides look like by a comparison of everything. Reads them where the last comparison has not. */
  sides(): Promise<SidesRead>;
}

/**
 * Mends all that the last comparison found, whoever asked has seen it. Where more differs than it lists, everything that
 * was read is searched for it. The repair goes on after the next comparison when that is to say what is left.
 */
export async function repairAll(run: Run<RepairableState>, { sides, ...pair }: Repairable): Promise<void> {
  const { state } = run;
  const { mismatches = 0, differences: items = [], depth } = state.progress.verification ?? {};
  const { source, target } = pair;
  const listed = () => run.step(() => bulk.repairItems({ source, target, items }));
  // a sample does not know the rest
  if (mismatches <= items.length && depth !== 'sample') return state.repaired(await listed());
  const read = await sides();
  const { documents, left, isChecked } = await run.step(() => bulk.repairMany({ ...pair, ...read }));
  if (!isChecked) return state.mended({ before: items, after: [], documents }, mismatches);
  // what cannot be mended, as settings, is among what is listed
  const { after } = await listed();
  const known = new Set(after.map(differenceKey));
  const others = left.filter((each) => !known.has(differenceKey(each)));
  state.repaired({ before: items, after: [...after, ...others], documents });
}

/** Says how much a repair would mend. */
export async function foreseeRepair(
  run: Run<RepairableState>,
  { sides, ...pair }: Repairable,
): Promise<void> {
  const { state } = run;
  const { mismatches = 0 } = state.progress.verification ?? {};
  if (mismatches === 0) return state.foreseen(NOTHING_TO_REPAIR);
  const read = await sides();
  state.foreseen(await run.step(() => bulk.forecastRepair({ ...pair, ...read })));
}
