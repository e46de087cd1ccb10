import { blocker, type Check, ok } from '../../core/plan/check.ts';
import type { Work } from './work.ts';

/** Whether the worker has the hooks that are named. */
export function checkHooks(work: Work, names: readonly string[]): Check[] {
  if (names.length === 0) return [];
  const unknown = names.filter((name) => !work.config.hooks[name]);
  return [
    unknown.length === 0
      ? ok('hooks', `Called in the cutover: ${names.join(', ')}.`)
      : blocker(
          'hooks',
          `The worker has no hook "${unknown.join('", "')}". Add it to hooks in shardlift.yaml, or remove it from the input.`,
        ),
  ];
}
