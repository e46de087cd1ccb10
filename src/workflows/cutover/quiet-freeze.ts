/** The writers of the source are stopped, by people or by hooks, and it is proved that nothing writes. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Position } from '../../core/copy/position.ts';
import { bulk } from '../run/activity-proxies.ts';
import type { CutoverState } from '../run/cutover-state.ts';
import { claimOn, type Run } from '../run/run.ts';
import type { Verifier } from '../verify/verifier.ts';
import { assertAcceptable, type Freeze } from './freeze.ts';
import { Hooks } from './hooks.ts';
import { LateWriters } from './late-writers.ts';

export class QuietFreeze implements Freeze {
  readonly #run: Run<CutoverState>;
  readonly #input: MigrateDatabaseConfig;
  readonly #verifier: Verifier;
  readonly #hooks: Hooks;
  readonly #lateWriters: LateWriters;
  #stopsWriters = false;
  #frozen: Position | undefined;

  constructor(run: Run<CutoverState>, input: MigrateDatabaseConfig, verifier: Verifier) {
    this.#run = run;
    this.#input = input;
    this.#verifier = verifier;
    this.#hooks = new Hooks(input, run.state);
    this.#lateWriters = new LateWriters(run, input);
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  async cutOver(): Promise<void> {
    const { state } = this.#run;
    const { source, quietFor, quietWithin, target } = this.#input;
    state.enter('freezing');
    this.#stopsWriters = this.#input.freeze === 'hook';
    if (this.#stopsWriters) await this.#hooks.before('stopWriters');
    const frozen = await bulk.proveQuiet({ source, quietFor, quietWithin });
    this.#frozen = frozen;
    state.enter('draining');
    state.reached(await bulk.catchUp({ ...this.#input, from: state.position(), until: 'equal' }));
    state.enter('final-verifying');
    assertAcceptable(state, await this.#verifier.verifyFinally());
    state.settled({ settings: await bulk.copySettings(this.#input) });
    await this.#hooks.before('beforeSwitch');
    await bulk.assertSourceUnchanged({ source, position: frozen, claim: claimOn(target) });
  }

  rehearse(): Promise<void> {
    throw ApplicationFailure.nonRetryable('Nobody stops the writers of an application for a rehearsal.');
  }

  /** Whoever was stopped writes to the source again. */
  async thaw(): Promise<boolean> {
    if (this.#stopsWriters) await this.#hooks.after('startWriters', 'back');
    return true;
  }

  /** The source was never kept from serving. */
  async settle(): Promise<undefined> {
    if (this.#frozen) this.#lateWriters.watchSince(this.#frozen);
    await this.#hooks.after('afterSwitch');
    if (this.#stopsWriters) await this.#hooks.after('startWriters');
  }
}
