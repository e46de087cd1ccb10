/** Fences that a test raises and lowers itself, around databases of a server of its own. */
import type { FencePlan } from '../../../src/core/cutover/fence.ts';
import { lockFenced, lowerFence, planFence, raiseFence } from '../../../src/engine/cutover/fence.ts';
import type { Work } from '../../../src/engine/work/work.ts';
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';

/** What a function of the engine works with that needs one connection and nothing else. */
export function workOn(raven: RavenConnection, signal = new AbortController().signal): Work {
  const work: Partial<Work> = {
    database: ({ database }) => new Database(raven.within(signal), database),
    signal,
    workflowId: 'migration',
  };
  return work as Work;
}

/** Looks at a database that is open. */
export async function planned(raven: RavenConnection, database: string): Promise<FencePlan> {
  return await planFence(workOn(raven), { connection: raven.name, database });
}

/** Raises a fence. @returns how it is lowered */
export async function raised(raven: RavenConnection, database: string): Promise<Raised> {
  const work = workOn(raven);
  const plan = await planned(raven, database);
  await lockFenced(work, plan);
  await raiseFence(work, plan);
  return { plan, behind: plan.storages[0]?.alias ?? '', lower: () => lowerFence(work, plan) };
}

/** A fence that stands. */
export interface Raised {
  plan: FencePlan;
  /** The other name of the first storage. */
  behind: string;
  lower(): Promise<void>;
}
