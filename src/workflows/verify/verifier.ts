/** The comparisons of a migration: of everything while the source serves, and the last one while it is frozen. */

import type { Storage } from '../../core/compare/comparison.ts';
import type { Verification } from '../../core/compare/verification.ts';
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Transfer } from '../../core/copy/transfer.ts';
import { bulk } from '../run/activity-proxies.ts';
import type { MigrationState } from '../run/migration-state.ts';
import { Comparison } from './comparison.ts';

/** A comparison of everything that takes no longer is worth its time in the downtime, too. */
const SHORT_MS = 30_000;
/** After so many changes everything is compared once more before the freeze, so that the downtime need not see them. */
const MANY_CHANGES = 50_000;

/** Runs a step, so that a pause may interrupt it where that is wanted. */
type Step = <T>(work: () => Promise<T>) => Promise<T>;

/** Compares, and keeps in mind what was compared last. */
export class Verifier {
  readonly #state: MigrationState;
  readonly #transfer: () => Transfer;
  readonly #mode: MigrateDatabaseConfig['finalVerification'];
  /** The last comparison of everything that found no difference. */
  #last: { places: Storage[]; since: string; tookMs: number } | undefined;
  #deletionsLost = false;

  constructor(state: MigrationState, input: MigrateDatabaseConfig) {
    this.#state = state;
    this.#transfer = () => ({ ...input, from: state.position(), deletionsLost: this.#deletionsLost });
    this.#mode = input.finalVerification;
  }

  /** From here on the source may have deleted something of which no round tells; until nothing differs any more. */
  deletionsLost(): void {
    this.#deletionsLost = true;
    this.#last = undefined;
  }

  /** Compares everything while writes go on. */
  async verify(step: Step): Promise<Verification> {
    return await this.#full(step);
  }

  /** The last comparison, on a source that stands still. */
  async verifyFinally(): Promise<Verification> {
    const now: Step = (work) => work();
    if (this.#last && this.#comparesChanges) {
      const { places, since } = this.#last;
      const verified = await bulk.verifyChanges({ ...this.#transfer(), places, since });
      if (verified) return this.#note(verified);
    }
    return await this.#full(now, { inDowntime: true });
  }

  /** Whether everything should be compared again before the freeze. */
  get isOutdated(): boolean {
    const source = this.#last?.places.find(({ side }) => side === 'source');
    if (!source || !this.#comparesChanges) return false;
    return this.#state.position().etag - source.etag > MANY_CHANGES;
  }

  get #comparesChanges(): boolean {
    return this.#mode === 'changes' || (this.#mode === 'auto' && (this.#last?.tookMs ?? 0) > SHORT_MS);
  }

  async #full(step: Step, { inDowntime = false } = {}): Promise<Verification> {
    const startedAt = Date.now();
    const comparison = new Comparison(this.#state, this.#transfer());
    const sides = await step(() => comparison.read({ inDowntime }));
    const laggards = this.#state.progress.verification?.laggards;
    const verification = this.#note(
      await step(() => bulk.verifyMigration({ ...this.#transfer(), ...sides, laggards })),
    );
    const since = new Date(startedAt).toISOString();
    this.#last =
      verification.mismatches === 0
        ? { places: sides.places, since, tookMs: Date.now() - startedAt }
        : undefined;
    return verification;
  }

  #note({ verification, position }: Awaited<ReturnType<typeof bulk.verifyMigration>>): Verification {
    this.#state.reached(position);
    this.#state.verified(verification);
    if (verification.mismatches + verification.lagging === 0) this.#deletionsLost = false;
    return verification;
  }
}
