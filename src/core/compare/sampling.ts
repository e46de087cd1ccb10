/** Drawing documents at random, and what a sample says of the rest. */
import { formatCount } from '../text/format.ts';

/** Documents of a window, about: each is one more request, and none should hold very many. */
const DOCUMENTS_A_WINDOW = 20;
/** Where documents are rare among the etags, windows stay so narrow that a dense one is still soon read. */
const WIDEST = 1_024;

/** How many etags a window has, for a side with so many documents among so many etags. */
export function windowWidth(etags: number, documents: number): number {
  return Math.min(WIDEST, Math.max(1, Math.ceil((DOCUMENTS_A_WINDOW * etags) / Math.max(1, documents))));
}

/**
 * The numbers below `count` in random order, each once. Takes memory only for those that were asked for.
 * @param below gives a random number below another one, each equally likely
 */
export function* shuffled(count: number, below: (limit: number) => number): Generator<number> {
  // Fisher and Yates, where the map stands for an array of which few places were touched
  const moved = new Map<number, number>();
  for (let at = 0; at < count; at++) {
    const other = at + below(count - at);
    yield moved.get(other) ?? other;
    moved.set(other, moved.get(at) ?? at);
    moved.delete(at);
  }
}

/**
 * The share of documents below which, with 95% confidence, those that differ are, when `documents` were drawn at
 * random and none differs: 1 - 0.05^(1/n), about 3/n. Were the share larger, a sample without a difference would come
 * less than once in 20 times. (Hanley, Lippman-Hand: If nothing goes wrong, is everything all right? JAMA 249, 1983.)
 */
export function shareAtMost(documents: number): number {
  return documents === 0 ? 1 : 1 - 0.05 ** (1 / documents);
}

/** What was drawn of a side. */
export interface Drawn {
  documents: number;
  /** All that the side has. */
  of: number;
}

/** What a sample found. */
export interface Sample {
  /** Documents that were compared. */
  documents: number;
  statement: string;
}

/** Says what was looked at, and what follows for the rest. @param target absent when only the source was drawn from */
export function sampleStatement(
  { source, target }: { source: Drawn; target?: Drawn | undefined },
  found: { mismatches: number; lagging: number },
): string {
  const sides = [describe(source, 'source'), ...(target ? [describe(target, 'target')] : [])];
  const looked = `${sides.join(' and ')} were drawn at random and compared with all that belongs to them: `;
  const lag = found.lagging > 0 ? `, ${formatCount(found.lagging)} changed meanwhile` : '';
  if (found.mismatches > 0) {
    const differences = found.mismatches === 1 ? 'difference' : 'differences';
    return `${looked}${formatCount(found.mismatches)} ${differences}${lag}.`;
  }
  const all = source.documents >= source.of && (!target || target.documents >= target.of);
  if (all) return `${looked}no difference${lag}. These are all.`;
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
