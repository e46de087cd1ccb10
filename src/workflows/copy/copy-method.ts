/** How the items of a migration reach the target first, and what has to be done because of it. */
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Check } from '../../core/plan/check.ts';
import type { Run } from '../run/run.ts';

/** One way of copying. */
export abstract class CopyMethod {
  protected readonly run: Run;
  protected readonly input: MigrateDatabaseConfig;

  constructor(run: Run, input: MigrateDatabaseConfig) {
    this.run = run;
    this.input = input;
  }

  /** The first copy, to where the source stands by the state's position or beyond. May be repeated. */
  abstract copy(): Promise<void>;

  /** Checks what it needs beside source and target. Changes nothing. */
  plan(): Promise<readonly Check[]> {
    return Promise.resolve([]);
  }

  /** Stops what goes on without an activity, for a pause; the next step that needs it starts it again. */
  pause(): Promise<void> {
    return Promise.resolve();
  }
}
