import type { Environment, Run } from '../../activities/perform.ts';
import type { Sink } from '../transfer/transfer.ts';
import { DocumentSide } from './document-reader.ts';
import type { BothSides } from './read-parts.ts';

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

/** @param own of a target that may have something of its own @throws RavenError */
export async function openRepair(
  environment: Environment,
  run: Run,
  { source, target }: BothSides,
  own: ReadonlySet<string> = new Set(),
): Promise<Repair> {
  const [from, into] = await Promise.all([DocumentSide.open(run, source), DocumentSide.open(run, target)]);
  return { environment, run, source: from, target: into, sink: { source, target }, own };
}
