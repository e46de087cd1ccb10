import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Control } from '../run/control.ts';
import type { MigrationState } from '../run/migration-state.ts';
import { BackupCarrier } from './copy-by-backup.ts';
import { DumpCarrier } from './copy-by-dump.ts';
import { ReplicationCarrier } from './copy-by-replication.ts';
import { copyInPieces } from './copy-by-stream.ts';
import { Carrier } from './copy-method.ts';

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
    await copyInPieces(this.control, this.state, { ...this.input, from: this.state.position() });
  }
}
