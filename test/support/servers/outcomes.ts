import { defaultWorkflowTuning } from '../../../src/core/contract/tuning.ts';

/** For one of both sides to serve: the lease by default, which is shorter in tests, and as much again for a busy machine. */
export const SERVED_WITHIN_MS = 2 * defaultWorkflowTuning.leaseMs;

/** What became of each case of a matrix, as a table for whoever runs the test. */
export class Outcomes {
  readonly #title: string;
  readonly #rows: (readonly string[])[];

  constructor(title: string, head: readonly string[]) {
    this.#title = title;
    this.#rows = [head];
  }

  add(row: readonly string[]): void {
    this.#rows.push(row);
  }

  print(): void {
    const widths = (this.#rows[0] ?? []).map((_, at) =>
      Math.max(...this.#rows.map((row) => row[at]?.length ?? 0)),
    );
    const lines = this.#rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '));
    process.stderr.write(`\n${this.#title}\n${lines.join('\n')}\n`);
  }
}

/** For a migration whose time is over in the middle of something; on an idle machine it gets there in a third of it. */
const LIFETIME_MS = 20_000;
const LONGEST_LIFETIME_MS = 80_000;

/**
 * Brings a migration to a step before its time is over: with ever more time, where a busy machine takes longer.
 * @param begin rejects when its time is over before
 */
export async function inTime<T>(begin: (lifetimeMs: number) => Promise<T>): Promise<T> {
  for (let lifetimeMs = LIFETIME_MS; ; lifetimeMs *= 2) {
    try {
      return await begin(lifetimeMs);
    } catch (error) {
      if (lifetimeMs >= LONGEST_LIFETIME_MS) throw error;
    }
  }
}
