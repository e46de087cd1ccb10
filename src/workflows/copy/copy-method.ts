/** How the items of a migration reach the target first, and what has to be done because of it. */
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Check } from '../../core/plan/check.ts';
import type { Run } from '../run/run.ts';

/** One way of copying. */
export abstract class CopyMethod<Standing extends object = object> {
  protected readonly run: Run;
  protected readonly input: MigrateDatabaseConfig;
  /** Where the copy stands, as plain data: a run that goes on with this one gets it. */
  readonly standing: { [Key in keyof Standing]?: Standing[Key] | undefined };

  constructor(run: Run, input: MigrateDatabaseConfig, standing: CopyMethod<Standing>['standing'] = {}) {
    this.run = run;
    this.input = input;
    this.standing = standing;
  }

  /**
   * The first copy, to where the source stands by the state's position or beyond. May be repeated once it is done; before, it
   * goes on where it stood.
   */
  abstract copy(): Promise<void>;

  /** Has the next copy begin anew: nothing of this one counts. */
  abstract startOver(): void;

  /** Checks what it needs beside source and target. Changes nothing. */
  plan(): Promise<readonly Check[]> {
    return Promise.resolve([]);
  }

  /** Stops what goes on without an activity, for a pause; the next step that needs it starts it again. */
  pause(): Promise<void> {
    return Promise.resolve();
  }
}
