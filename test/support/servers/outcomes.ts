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
