/** What RavenDB reports about an export or import, while it runs and at its end. */
import { type ErrorContext, RavenError, withoutAddresses } from '../connection/errors.ts';
import { type ItemCounts, type ItemKind, RESULT_KINDS } from '../dump/item-kinds.ts';

interface KindState {
  ReadCount?: number;
  ErroredCount?: number;
  SkippedCount?: number;
  SizeInBytes?: number;
  Skipped?: boolean;
  Attachments?: KindState;
}

/**
 * RavenDB's `SmugglerResult`, or `SmugglerProgress` while an operation runs. An export of a sharded database reads
 * one shard after another: its progress is that of one shard, its result has those of all.
 */
export type SmugglerState = { [name in keyof typeof RESULT_KINDS]?: KindState } & {
  DatabaseRecord?: KindState;
  Messages?: string[];
  /** The shard of a progress. */
  ShardNumber?: number;
  Results?: { ShardNumber: number; Result: SmugglerState }[];
};

/**
 * A part of the database record that was not imported. Not the wait for it, which always fails on a sharded database:
 * "The database record is sharded and doesn't contain topology directly".
 */
const RECORD_ERROR =
  /ERROR.*(?:database record: (?!.*doesn't contain topology)|was skipped due to insufficient)/;

/** The result of an export or import. */
export interface SmugglerResult {
  counts: ItemCounts;
  /** Items that were skipped, for example by a transform script. */
  skipped: ItemCounts;
  /** The server's warnings: items or features that it skipped on its own. */
  warnings: string[];
}

/** How many items a running or ended transfer has handled so far. */
export function readCounts(state: SmugglerState): ItemCounts {
  if (state.Results) return sumOf(state.Results.map(({ Result }) => readCounts(Result)));
  const counts: ItemCounts = {};
  for (const [theirs, ours] of Object.entries(RESULT_KINDS)) {
    const kind = state[theirs as keyof typeof RESULT_KINDS];
    // a type that was skipped as a whole may still count its items as skipped
    const handled = kind && !kind.Skipped ? (kind.ReadCount ?? 0) - (kind.SkippedCount ?? 0) : 0;
    if (handled > 0) counts[ours] = handled;
    const attachments = kind?.Skipped || kind?.Attachments?.Skipped ? 0 : (kind?.Attachments?.ReadCount ?? 0);
    if (attachments > 0) counts.attachments = (counts.attachments ?? 0) + attachments;
  }
  return counts;
}

/** Adds up the progress of an export of a sharded database, which reports one shard at a time. */
export class ShardCounts {
  readonly #counts = new Map<number | undefined, ItemCounts>();

  /** How many items all shards have sent so far. */
  add(state: SmugglerState): ItemCounts {
    this.#counts.set(state.ShardNumber, readCounts(state));
    return sumOf([...this.#counts.values()]);
  }
}

function readSkipped(state: SmugglerState): ItemCounts {
  const skipped: ItemCounts = {};
  for (const [theirs, ours] of Object.entries(RESULT_KINDS)) {
    const kind = state[theirs as keyof typeof RESULT_KINDS];
    if (kind?.SkippedCount && !kind.Skipped) skipped[ours] = kind.SkippedCount;
  }
  return skipped;
}

function sumOf(all: ItemCounts[]): ItemCounts {
  const sum: ItemCounts = {};
  for (const counts of all) {
    for (const [kind, count] of Object.entries(counts)) {
      sum[kind as ItemKind] = (sum[kind as ItemKind] ?? 0) + count;
    }
  }
  return sum;
}

/**
 * Reads an ended operation.
 * @throws RavenError of kind `ItemsRefused` when the server says "completed" but could not import every item
 */
export function readSmugglerResult(
  context: ErrorContext,
  doing: string,
  state: SmugglerState,
): SmugglerResult {
  const states = state.Results?.map(({ Result }) => Result) ?? [state];
  const messages = states.flatMap(({ Messages = [] }) => Messages);
  const refused = Object.keys(RESULT_KINDS).filter((theirs) =>
    states.some((each) => {
      const kind = each[theirs as keyof typeof RESULT_KINDS];
      return (kind?.ErroredCount ?? 0) > 0 || (kind?.Attachments?.ErroredCount ?? 0) > 0;
    }),
  );
  if (refused.length > 0) {
    const example = messages.find((message) => message.includes('ERROR')) ?? '';
    throw new RavenError(
      `${doing} at database "${context.database}" on connection "${context.connection}" could not import every item ` +
        `(${refused.join(', ')}). RavenDB says: ${withoutAddresses(example)}`,
      { kind: 'ItemsRefused', retryable: false },
    );
  }
  const warnings = messages
    .filter((message) => message.includes('WARNING') || RECORD_ERROR.test(message))
    .map(withoutAddresses);
  return { counts: readCounts(state), skipped: sumOf(states.map(readSkipped)), warnings };
}
