/** How the items of a migration reach the target first, and what has to be seen to because of it. */
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Check } from '../../core/plan/check.ts';
import type { Control } from '../run/control.ts';
import type { MigrationState } from '../run/migration-state.ts';

/** One way of copying. What a method does not need is done with nothing. */
export abstract class Carrier {
  protected readonly control: Control;
  protected readonly state: MigrationState;
  protected readonly input: MigrateDatabaseConfig;

  constructor(control: Control, state: MigrationState, input: MigrateDatabaseConfig) {
    this.control = control;
    this.state = state;
    this.input = input;
  }

  /** The first copy, to where the source stands by the state's position or beyond. May be repeated. */
  abstract copy(): Promise<void>;

  /** Checks what it needs beside source and target. Changes nothing. */
  plan(): Promise<readonly Check[]> {
    return Promise.resolve([]);
  }

  /** Stops what goes on without an activity, for a pause; whatever needs it afterwards starts it again. */
  pause(): Promise<void> {
    return Promise.resolve();
  }

  /** Takes away what is left of it on a worker or on the source, at every end. What cannot be becomes a note. */
  tidyUp(): Promise<void> {
    return Promise.resolve();
  }
}
