import type { DocumentSide } from './document-side.ts';
import type { Environment, Run } from './environment.ts';
import type { Sink } from './transfer.ts';

/** What a repair works with. */
export interface Repair {
  environment: Environment;
  run: Run;
  source: DocumentSide;
  target: DocumentSide;
  /** The same two by name. */
  sink: Sink & Required<Pick<Sink, 'source'>>;
  /** Ids, in lower case, of what the target may have of its own. */
  own: ReadonlySet<string>;
}
