/** Progress of work that runs in pieces, a copy or a comparison: one set of figures that never goes back. */
import type { PieceProgress } from '../copy/pieces.ts';
import type { Transferred } from './progress.ts';

/** The rate is that of the last moments, not of the whole: a pause or a throttle shows at once. */
const RATE_WINDOW_MS = 30_000;

/** What {@link PiecesProgress} knows, as plain data; the rate is measured anew. */
export interface SavedPieces {
  totalItems: number;
  first: number;
  pieces: [number, PieceProgress][];
  resumable: [number, PieceProgress][];
}

/** Sums up what the pieces report. */
export class PiecesProgress {
  readonly #totalItems: number;
  readonly #first: number;
  readonly #pieces: Map<number, PieceProgress>;
  readonly #resumable: Map<number, PieceProgress>;
  #samples: { at: number; items: number }[] = [];

  /** @param first number of the first piece; reports on earlier ones are late and ignored */
  constructor(totalItems: number, first = 0, { pieces, resumable }: Partial<SavedPieces> = {}) {
    this.#totalItems = totalItems;
    this.#first = first;
    this.#pieces = new Map(pieces);
    this.#resumable = new Map(resumable);
  }

  /** Goes on with what was saved. */
  static from(saved: SavedPieces): PiecesProgress {
    return new PiecesProgress(saved.totalItems, saved.first, saved);
  }

  save(): SavedPieces {
    return {
      totalItems: this.#totalItems,
      first: this.#first,
      pieces: [...this.#pieces],
      resumable: [...this.#resumable],
    };
  }

  /**
   * Where a piece can go on, undefined when it has not begun. Items without a known etag are copied again, so they
   * do not count yet.
   */
  reached(piece: number): PieceProgress | undefined {
    return this.#resumable.get(piece);
  }

  /**
   * Takes a report. One that is behind an earlier one comes from a try that repeats unconfirmed work of the last try. What
   * is on the target stays there, so the figures stay too.
   * @param at milliseconds
   */
  update(piece: number, progress: PieceProgress, at: number): void {
    if (piece < this.#first) return;
    const { next, items } = this.#resumable.get(piece) ?? { next: -1, items: 0 };
    const first = progress.next === next && progress.items < items;
    if (progress.next > next || first) this.#resumable.set(piece, progress);
    const known = this.#pieces.get(piece);
    if (known && known.items > progress.items) return;
    this.#pieces.set(piece, progress);
    this.#samples.push({ at, items: this.#sum('items') });
    while (at - (this.#samples[1]?.at ?? at) > RATE_WINDOW_MS) this.#samples.shift();
  }

  /** To be called when work goes on after a pause: the rate is measured from here. */
  restart(at: number): void {
    this.#samples = [{ at, items: this.#sum('items') }];
  }

  /** The figures that people see. */
  transferred(): Transferred {
    const items = this.#sum('items');
    const bytes = this.#sum('bytes');
    const totalItems = Math.max(items, this.#totalItems);
    const rate = this.#rate();
    return {
      items,
      totalItems,
      bytes,
      ...(items > 0 && { aboutTotalBytes: Math.round((bytes / items) * totalItems) }),
      ...(rate > 0 && { itemsPerSecond: rate, etaSeconds: Math.ceil((totalItems - items) / rate) }),
    };
  }

  #rate(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    const seconds = ((last?.at ?? 0) - (first?.at ?? 0)) / 1000;
    return seconds >= 1 ? Math.round(((last?.items ?? 0) - (first?.items ?? 0)) / seconds) : 0;
  }

  #sum(what: 'items' | 'bytes'): number {
    let sum = 0;
    for (const piece of this.#pieces.values()) sum += piece[what];
    return sum;
  }
}
