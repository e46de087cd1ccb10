import { parseRemoveLeftovers } from '../core/contract/cleanup-contract.ts';
import { describeLateWrites } from '../core/cutover/late-writes.ts';
import { describeLeftover } from '../core/plan/leftovers.ts';
import type { LeftoversResult } from '../core/run/results.ts';
import { planning, quick, trying } from './run/activity-proxies.ts';
import { Run, valid } from './run/run.ts';
import { RunState } from './run/run-state.ts';

/**
 * Lists what workflows that were terminated, or are lost, have left on a source and a target, and removes it when asked
 * to. What belongs to a running workflow stays. The argument is one `RemoveLeftoversInput`.
 */
export async function removeLeftovers(argument: unknown): Promise<LeftoversResult> {
  const input = valid(parseRemoveLeftovers(argument));
  const { source, target, remove } = input;
  const places = [source, target].flatMap((ref) => (ref ? [`${ref.connection}/${ref.database}`] : []));
  const run = new Run(
    new RunState({
      workflowType: 'removeLeftovers',
      title: `Leftovers on ${places.join(' and ')}${remove ? '' : ' (only listed)'}`,
      input,
      ...(source && { source }),
      ...(target && { target }),
    }),
  );
  return await run.toTheEnd(async () => {
    run.leaves = 'What was not removed yet is still there.';
    let leftovers = await run.step(() => planning.findLeftovers(input));
    if (remove) {
      run.state.enter('removing');
      leftovers = await run.step(() => quick.removeLeftovers(input));
    }
    const lateWrites =
      source && target ? await run.step(() => trying.findLateWrites({ source, target })) : null;
    run.state.found([
      ...(leftovers.length > 0 ? leftovers.map(describeLeftover) : ['Nothing was left behind.']),
      ...(lateWrites ? [describeLateWrites(lateWrites)] : []),
    ]);
    return { leftovers, lateWrites };
  });
}
