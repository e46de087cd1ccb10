import { patched } from '@temporalio/workflow';
import type { MigrateDatabaseConfig } from '../core/contract.ts';
import { bulk } from './activity-proxies.ts';
import { Carrier } from './carrier.ts';
import type { Control } from './control.ts';
import { BackupCarrier } from './copy-by-backup.ts';
import { DumpCarrier } from './copy-by-dump.ts';
import { copyInPieces } from './copy-pieces.ts';
import type { MigrationState } from './migration-state.ts';
import { ReplicationCarrier } from './replication.ts';

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
class StreamCarrier extends Carrier {
  override async copy(): Promise<void> {
    const transfer = { ...this.input, from: this.state.position() };
    if (patched('copy-in-pieces')) await copyInPieces(this.control, this.state, transfer);
    else await this.control.step(() => bulk.copy(transfer));
  }
}
