/** Drawing documents at random, and what a sample says about the rest. */
import { formatCount } from '../text/format.ts';

/** Expected documents in a window: each window is a request, and none should return very many. */
const DOCUMENTS_PER_WINDOW = 20;
/** Limits windows where documents are rare, so that one with many documents is still read quickly. */
const MAX_WINDOW = 1_024;

/** The width of a window in etags, for a side with this many documents among this many etags. */
export function windowWidth(etags: number, documents: number): number {
  return Math.min(
    MAX_WINDOW,
    Math.max(1, Math.ceil((DOCUMENTS_PER_WINDOW * etags) / Math.max(1, documents))),
  );
}

/**
 * The numbers below `count` in random order, each once. Memory grows only with the numbers that were taken.
 * @param below returns a random number below its argument, each equally likely
 */
export function* shuffled(count: number, below: (limit: number) => number): Generator<number> {
  // a Fisher-Yates shuffle; the map holds the places of the array that were touched
  const moved = new Map<number, number>();
  for (let at = 0; at < count; at++) {
    const other = at + below(count - at);
    yield moved.get(other) ?? other;
    moved.set(other, moved.get(at) ?? at);
    moved.delete(at);
  }
}

/**
 * The share of documents that differ is at most this, with 95% confidence, if none of `documents` drawn at random
 * differs: 1 - 0.05^(1/n), about 3/n (the rule of three).
 */
export function shareAtMost(documents: number): number {
  return documents === 0 ? 1 : 1 - 0.05 ** (1 / documents);
}

/** What was drawn from a side. */
export interface Drawn {
  documents: number;
  /** How many the side has. */
  of: number;
}

/** A sample as the result shows it. */
export interface Sample {
  /** Documents that were compared. */
  documents: number;
  statement: string;
}

/** Says what was compared, and what follows for the rest. @param target absent if only the source was drawn from */
export function sampleStatement(
  { source, target }: { source: Drawn; target?: Drawn | undefined },
  found: { mismatches: number; lagging: number },
): string {
  const sides = [describe(source, 'source'), ...(target ? [describe(target, 'target')] : [])];
  const looked = `${sides.join(' and ')} were drawn at random and compared with everything that belongs to them: `;
  const lag = found.lagging > 0 ? `, ${formatCount(found.lagging)} changed meanwhile` : '';
  if (found.mismatches > 0) {
    const differences = found.mismatches === 1 ? 'difference' : 'differences';
    return `${looked}${formatCount(found.mismatches)} ${differences}${lag}.`;
  }
  const all = source.documents >= source.of && (!target || target.documents >= target.of);
  if (all) return `${looked}no difference${lag}. These are all documents.`;
  const least = Math.max(
    0,
    Math.min(source.documents, target?.documents ?? source.documents) - found.lagging,
  );
  const percent = (shareAtMost(least) * 100).toPrecision(2);
  return (
    `${looked}no difference${lag}. With 95% confidence fewer than ${percent}% of the documents differ, ` +
    'if differences are spread at random.'
  );
}

function describe({ documents, of }: Drawn, side: string): string {
  return `${formatCount(documents)} of ${formatCount(of)} documents of the ${side}`;
}
