import { type ComparedStorage, compared } from '../../core/compare/comparison.ts';
import type { SidesRead } from '../../core/compare/repair.ts';
import type { Verification } from '../../core/compare/verification.ts';
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Transfer } from '../../core/copy/transfer.ts';
import { bulk } from '../run/activity-proxies.ts';
import { HistoryFull } from '../run/control.ts';
import type { Run } from '../run/run.ts';
import { tuning } from '../run/tuning.ts';
import { Comparison, type SavedComparison } from './comparison.ts';
import type { Repairable } from './repair.ts';

type FencedComparison = Parameters<typeof bulk.verifyBehindFence>[0];

/** What a {@link Verifier} remembers, as plain data. */
export interface SavedVerifier {
  /** The last comparison of everything that found no difference. */
  last: { storages: ComparedStorage[]; since: string; tookMs: number } | null;
  deletionsLost: boolean;
  /** What the last comparison of everything has read, when it found a difference. */
  differing: SidesRead | null;
  /** A comparison that is at work. */
  atWork: { since: string; tookMs: number; comparison: SavedComparison | undefined } | null;
}

/** Compares, and remembers what was compared last. */
export class Verifier {
  readonly #run: Run;
  readonly #input: MigrateDatabaseConfig;
  #last: SavedVerifier['last'];
  #differing: SidesRead | null;
  #deletionsLost: boolean;
  #atWork: { since: string; tookMs: number; comparison: Comparison } | undefined;

  constructor(run: Run, input: MigrateDatabaseConfig, saved?: SavedVerifier) {
    this.#run = run;
    this.#input = input;
    this.#last = saved?.last ?? null;
    this.#differing = saved?.differing ?? null;
    this.#deletionsLost = saved?.deletionsLost ?? false;
    this.#atWork = saved?.atWork
      ? { ...saved.atWork, comparison: this.#comparison(saved.atWork.comparison) }
      : undefined;
  }

  save(): SavedVerifier {
    const atWork = this.#atWork && { ...this.#atWork, comparison: this.#atWork.comparison.save() };
    return {
      last: this.#last,
      differing: this.#differing,
      deletionsLost: this.#deletionsLost,
      atWork: atWork ?? null,
    };
  }

  /** From here on the source may have deleted something that no round carries; until nothing differs any more. */
  deletionsLost(): void {
    this.#deletionsLost = true;
    this.#last = null;
    this.#atWork = undefined;
  }

  /** What a repair is to mend. */
  get repairable(): Repairable {
    const { source, target, skipped } = this.transfer();
    const sides = this.#differing ?? { storages: [], compared: compared([]) };
    return { source, target, allowExtra: target.allowExistingData, skipped, sides: async () => sides };
  }

  /** Compares everything while writes go on. */
  async verify(): Promise<Verification> {
    const run = this.#run;
    return await this.#full({
      read: (work) => run.step(work, { obeysLimit: true }),
      judge: (work) => run.step(work),
      inDowntime: false,
    });
  }

  /** The last comparison, on a source that is frozen. */
  async verifyFinally(): Promise<Verification> {
    if (this.#last && this.#comparesChanges) {
      const { storages, since } = this.#last;
      const verified = await bulk.verifyChanges({ ...this.transfer(), storages, since });
      if (verified) return this.#note(verified);
    }
    return await this.#full({ read: (work) => work(), judge: (work) => work(), inDowntime: true });
  }

  /** The last comparison, of what has changed, on a source behind a fence. */
  async verifyBehindFence(
    fenced: Pick<FencedComparison, 'plan' | 'lastEtag' | 'clusterDifferences' | 'writtenByIndexes'>,
  ): Promise<Verification> {
    const { verification } = this.#run.state.progress;
    const storages = this.#last?.storages ?? this.#differing?.storages ?? [];
    const verified = await bulk.verifyBehindFence({
      ...this.transfer(),
      ...fenced,
      storages,
      since: this.#last?.since ?? verification?.at ?? '',
      accepted: this.#last ? [] : (verification?.differences ?? []),
    });
    return this.#note({ verification: verified, position: this.#run.state.position() });
  }

  /** Whether everything should be compared again before the freeze. */
  get isOutdated(): boolean {
    const source = this.#last?.storages.find(({ side }) => side === 'source');
    if (!source || !(this.#comparesChanges || this.#input.freeze === 'fence')) return false;
    return this.#run.state.position().etag - source.lastEtag > tuning.manyChanges;
  }

  get #comparesChanges(): boolean {
    const { finalVerification } = this.#input;
    return (
      finalVerification === 'changes' ||
      (finalVerification === 'auto' && (this.#last?.tookMs ?? 0) > tuning.shortVerificationMs)
    );
  }

  async #full({ read, judge, inDowntime }: FullComparison): Promise<Verification> {
    const { state } = this.#run;
    const work = this.#atWork ?? {
      since: new Date().toISOString(),
      tookMs: 0,
      comparison: this.#comparison(),
    };
    this.#atWork = work;
    // a pause is not work
    const timed = async <T>(part: () => Promise<T>): Promise<T> => {
      const from = Date.now();
      try {
        return await part();
      } finally {
        work.tookMs += Date.now() - from;
      }
    };
    try {
      const sides = await read(() => timed(() => work.comparison.read({ inDowntime })));
      const laggards = state.progress.verification?.laggards;
      const input = () => ({ ...this.transfer(), ...sides, laggards, ...(inDowntime && { inDowntime }) });
      const verification = this.#note(await judge(() => timed(() => bulk.verifyMigration(input()))));
      const { since, tookMs } = work;
      this.#atWork = undefined;
      this.#last = verification.mismatches === 0 ? { storages: sides.storages, since, tookMs } : null;
      this.#differing = verification.mismatches > 0 ? sides : null;
      return verification;
    } catch (error) {
      // the run that goes on with this one goes on with its comparison
      if (!(error instanceof HistoryFull)) this.#atWork = undefined;
      throw error;
    }
  }

  #comparison(saved?: SavedComparison): Comparison {
    return new Comparison(this.#run, this.#input, saved);
  }

  /** What a round or a comparison starts from. */
  transfer(): Transfer {
    const { state } = this.#run;
    const skipped = state.skippedItems;
    return {
      ...this.#input,
      from: state.position(),
      deletionsLost: this.#deletionsLost,
      ...(skipped.length > 0 && { skipped }),
    };
  }

  #note({ verification, position }: Awaited<ReturnType<typeof bulk.verifyMigration>>): Verification {
    this.#run.state.reached(position);
    this.#run.state.verified(verification);
    if (verification.mismatches + verification.lagging === 0) this.#deletionsLost = false;
    return verification;
  }
}

/** How the two steps of a comparison of everything are run. */
interface FullComparison {
  read: <T>(work: () => Promise<T>) => Promise<T>;
  judge: <T>(work: () => Promise<T>) => Promise<T>;
  /** Whether an application waits. */
  inDowntime: boolean;
}
