/** A comparison of source and target while the migration goes on. */
import type { Transfer } from '../activities/index.ts';
import { bulk } from './activity-proxies.ts';
import { Comparison } from './comparison.ts';
import type { MigrationState } from './migration-state.ts';

interface Options {
  transfer: () => Transfer;
  /** Whether the source is frozen and its application waits. */
  inDowntime?: boolean;
}

/** Reads both sides, then tells what differs. @param step runs each of the two so that a pause may interrupt it */
export async function compare(
  step: <T>(work: () => Promise<T>) => Promise<T>,
  state: MigrationState,
  { transfer, inDowntime = false }: Options,
) {
  const comparison = new Comparison(state, transfer());
  const sides = await step(() => comparison.read({ inDowntime }));
  const laggards = state.progress.verification?.laggards;
  return await step(() => bulk.judge({ ...transfer(), ...sides, laggards }));
}
