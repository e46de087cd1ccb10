import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Run } from '../run/run.ts';
import { CopyByBackup } from './copy-by-backup.ts';
import { CopyByDump } from './copy-by-dump.ts';
import { CopyByReplication } from './copy-by-replication.ts';
import { CopyByStream } from './copy-by-stream.ts';
import type { CopyMethod } from './copy-method.ts';

/** The method that an input names. */
export function chooseMethod(run: Run, input: MigrateDatabaseConfig): CopyMethod {
  switch (input.method) {
    case 'stream':
      return new CopyByStream(run, input);
    case 'dump':
      return new CopyByDump(run, input);
    case 'backup':
      return new CopyByBackup(run, input);
    case 'replication':
      return new CopyByReplication(run, input);
  }
}
