import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import { DocumentSide } from '../compare/document-reader.ts';
import type { Sink } from '../transfer/dump-to-shards.ts';
import type { Work } from '../work/work.ts';

/** What a repair works with. */
export interface Repair {
  work: Work;
  source: DocumentSide;
  target: DocumentSide;
  /** The same two by name. */
  sink: Sink & Required<Pick<Sink, 'source'>>;
  /** Ids, in lower case, of what the target may have of its own. */
  own: ReadonlySet<string>;
}

/** @param own of a target that may have something of its own @throws RavenError */
export async function openRepair(
  work: Work,
  { source, target }: Pair<DatabaseRef>,
  own: ReadonlySet<string> = new Set(),
): Promise<Repair> {
  const [from, into] = await Promise.all([DocumentSide.open(work, source), DocumentSide.open(work, target)]);
  return { work, source: from, target: into, sink: { source, target }, own };
}
