import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Run } from '../run/run.ts';
import { CopyByBackup } from './copy-by-backup.ts';
import { CopyByDump } from './copy-by-dump.ts';
import { CopyByReplication } from './copy-by-replication.ts';
import { CopyByStream } from './copy-by-stream.ts';
import type { CopyMethod } from './copy-method.ts';

/** The method that an input names. @param standing of the run that this one goes on with, by the same method */
export function chooseMethod(run: Run, input: MigrateDatabaseConfig, standing?: object): CopyMethod {
  switch (input.method) {
    case 'stream':
      return new CopyByStream(run, input, standing);
    case 'dump':
      return new CopyByDump(run, input, standing);
    case 'backup':
      return new CopyByBackup(run, input, standing);
    case 'replication':
      return new CopyByReplication(run, input, standing);
  }
}
