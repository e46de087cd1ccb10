import type { SourceRef } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import type { Position } from '../../core/copy/position.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';

/** A database that items go into; and where they come from, unless that can no longer be asked. */
export interface Sink {
  target: SourceRef;
  source?: SourceRef;
  from?: Position;
}

/** Something must have been copied where something was. @throws RavenError for good */
export function assertSomethingCopied(copied: number, expectedDocuments: number): void {
  if (expectedDocuments === 0 || copied > 0) return;
  throw new RavenError(
    `Nothing was copied, although the source has ${expectedDocuments} documents. The target is not complete.`,
    { kind: failures.nothingCopied, retryable: false },
  );
}
