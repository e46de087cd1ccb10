/** The owner of the application stops its writers, and it is proved that nothing writes. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import { bulk } from '../run/activity-proxies.ts';
import type { CutoverState } from '../run/cutover-state.ts';
import { claimOn, type Run } from '../run/run.ts';
import type { Verifier } from '../verify/verifier.ts';
import { assertAcceptable, type Freeze } from './freeze.ts';

export class QuietFreeze implements Freeze {
  readonly #run: Run<CutoverState>;
  readonly #input: MigrateDatabaseConfig;
  readonly #verifier: Verifier;

  constructor(run: Run<CutoverState>, input: MigrateDatabaseConfig, verifier: Verifier) {
    this.#run = run;
    this.#input = input;
    this.#verifier = verifier;
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  async cutOver(): Promise<void> {
    const { state } = this.#run;
    const { source, quietFor, quietWithin, target } = this.#input;
    state.enter('freezing');
    const frozen = await bulk.proveQuiet({ source, quietFor, quietWithin });
    state.enter('draining');
    state.reached(await bulk.catchUp({ ...this.#input, from: state.position(), until: 'equal' }));
    state.enter('final-verifying');
    assertAcceptable(state, await this.#verifier.verifyFinally());
    state.settled({ settings: await bulk.copySettings(this.#input) });
    await bulk.assertSourceUnchanged({ source, position: frozen, claim: claimOn(target) });
  }

  rehearse(): Promise<void> {
    throw ApplicationFailure.nonRetryable('Nobody stops the writers of an application for a rehearsal.');
  }

  thaw(): Promise<boolean> {
    return Promise.resolve(true);
  }

  /** The source was never kept from serving. */
  settle(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}
