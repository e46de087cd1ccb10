/** Calls the hooks of a migration, in their order. */
import type { DatabaseRef, MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { HookCall, HookMoment } from '../../core/cutover/hooks.ts';
import { hooking } from '../run/activity-proxies.ts';
import type { CutoverState } from '../run/cutover-state.ts';
import { rootCause } from '../run/failure.ts';

export class Hooks {
  readonly #input: MigrateDatabaseConfig;
  readonly #state: CutoverState;

  constructor(input: MigrateDatabaseConfig, state: CutoverState) {
    this.#input = input;
    this.#state = state;
  }

  /** What fails or vetoes keeps the switch from happening. @throws ApplicationFailure */
  async before(moment: HookMoment, direction: HookCall['direction'] = 'forward'): Promise<void> {
    for (const hook of this.#input.hooks[moment]) await hooking.runHook(this.#call(hook, moment, direction));
  }

  /** From the switch on there is no way back: what fails is told, and the next hook is called. */
  async after(moment: HookMoment, direction: HookCall['direction'] = 'forward'): Promise<void> {
    for (const hook of this.#input.hooks[moment]) {
      try {
        await hooking.runHook(this.#call(hook, moment, direction));
      } catch (error) {
        this.#state.hookFailed(`${rootCause(error)} Do by hand what it should have done.`);
      }
    }
  }

  #call(hook: string, moment: HookMoment, direction: HookCall['direction']): HookCall {
    const { source, target } = this.#input;
    const [from, to] = direction === 'forward' ? [source, target] : [target, source];
    return { hook, moment, direction, from: refOf(from), to: refOf(to) };
  }
}

function refOf({ connection, database }: DatabaseRef): DatabaseRef {
  return { connection, database };
}
