/** How the items of a migration reach the target first, and what has to be seen to because of it; one for each method. */
import { patched } from '@temporalio/workflow';
import type { MigrateDatabaseConfig } from '../core/contract.ts';
import type { Check } from '../core/report.ts';
import { bulk } from './activity-proxies.ts';
import type { Control } from './control.ts';
import { BackupCarrier } from './copy-by-backup.ts';
import { DumpCarrier } from './copy-by-dump.ts';
import { copyInPieces } from './copy-pieces.ts';
import type { MigrationState } from './migration-state.ts';
import { ReplicationCarrier } from './replication.ts';

/** One way of copying. */
export interface Carrier {
  /** Checks what it needs beside source and target. Changes nothing. */
  plan(): Promise<readonly Check[]>;
  /** The first copy, to where the source stands by the state's position or beyond. May be repeated. */
  copy(): Promise<void>;
  /** Stops what goes on without an activity, for a pause; whatever needs it afterwards starts it again. */
  pause(): Promise<void>;
  /** Takes away what is left of it on a worker or on the source, at every end. What cannot be becomes a note. */
  tidyUp(): Promise<void>;
}

/** The carrier of a migration's method. */
export function carrierOf(control: Control, state: MigrationState, input: MigrateDatabaseConfig): Carrier {
  switch (input.method) {
    case 'stream':
      return new StreamCarrier(control, state, input);
    case 'dump':
      return new DumpCarrier(control, state, input);
    case 'backup':
      return new BackupCarrier(control, state, input);
    case 'replication':
      return new ReplicationCarrier(control, state, input);
  }
}

/** Database to database. All of it is activities, and nothing is left of them. */
class StreamCarrier implements Carrier {
  readonly #control: Control;
  readonly #state: MigrationState;
  readonly #input: MigrateDatabaseConfig;

  constructor(control: Control, state: MigrationState, input: MigrateDatabaseConfig) {
    this.#control = control;
    this.#state = state;
    this.#input = input;
  }

  plan(): Promise<readonly Check[]> {
    return Promise.resolve([]);
  }

  async copy(): Promise<void> {
    const transfer = { ...this.#input, from: this.#state.position() };
    if (patched('copy-in-pieces')) await copyInPieces(this.#control, this.#state, transfer);
    else await this.#control.step(() => bulk.copy(transfer));
  }

  pause(): Promise<void> {
    return Promise.resolve();
  }

  tidyUp(): Promise<void> {
    return Promise.resolve();
  }
}
