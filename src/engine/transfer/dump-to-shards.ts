/**
 * Sends a dump to the target: items that belong to documents go to the shards that hold them, the rest to the database
 * as a whole. The dump is cut into loads that are imported one after another. A confirmed load need not be sent again.
 */

import { join } from 'node:path';
import { failures } from '../../core/contract/failures.ts';
import { NEED_DOCUMENTS } from '../../core/copy/pieces.ts';
import { sharding } from '../../core/sharding/buckets.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { mayBeOfItem, RavenError } from '../../ravendb/connection/errors.ts';
import { DumpScanner } from '../../ravendb/dump/dump-scanner.ts';
import type { ItemCounts } from '../../ravendb/dump/item-kinds.ts';
import { databaseRecord, shardNumbers } from '../../ravendb/requests/databases.ts';
import { fetchAttachment } from '../../ravendb/requests/documents.ts';
import { DATA, DELETIONS, SHARDED } from '../../ravendb/smuggler/item-types.ts';
import type { ItemType } from '../../ravendb/smuggler/smuggler.ts';
import { RateLimit } from '../work/rate-limit.ts';
import type { Work } from '../work/work.ts';
import { AttachmentStore } from './attachment-store.ts';
import { LoadSize } from './load-size.ts';
import { ShardFeed } from './shard-import.ts';
import { ATTACHMENT_GONE, type Load, NEED_ORDER, type Routing, ShardRouter } from './shard-router.ts';

/** A load that is on the target. */
interface ConfirmedLoad extends Omit<Load, 'feeds'> {
  /** What the server counted. */
  taken: ItemCounts;
}

/** Where items go, and where they come from; without a source if it cannot be asked any more. */
export interface Destination {
  target: Database;
  source?: Database | undefined;
}

/** What to send, and how. */
export interface Route
  extends Pick<
    Routing,
    | 'databaseId'
    | 'skip'
    | 'before'
    | 'stopWhen'
    | 'takes'
    | 'accepts'
    | 'singleLoad'
    | 'mostItems'
    | 'sendDeletedCounters'
    | 'rewrite'
    | 'onItem'
  > {
  /** The dump's plain bytes. */
  dump: AsyncIterable<Buffer>;
  /** How many attempts in a row made no progress. Each of them halves the loads, until one gets through. */
  attemptsInVain?: number;
  /** Items per second at most. */
  itemsPerSecond?: number | null | undefined;
  /** Item types to import into shards; all by default. */
  types?: readonly ItemType[] | undefined;
  /** RavenDB's transform script, which may change or leave out documents. It must see all of them in one load. */
  transformScript?: string | null | undefined;
  /** Called and awaited in order, when a load and all loads before it are on the target. */
  onLoad?: (load: ConfirmedLoad) => Promise<void> | void;
}

/** A load that the server refused. */
export class LoadRefused extends RavenError {
  readonly load: Pick<Load, 'first'> & { items: number };

  constructor({ message, kind, retryable, status }: RavenError, { first, size }: Load) {
    super(message, { kind, retryable, status });
    this.load = { first, items: size };
  }
}

/**
 * Sends the items of a dump to where they belong.
 * @returns whether the dump was read to its end, and not only until `before` or `stopWhen` ended it
 * @throws RavenError; LoadRefused when the server may have refused an item
 */
export async function routeDump(work: Work, { target, source }: Destination, route: Route): Promise<boolean> {
  const failed = new AbortController();
  const into = target.within(failed.signal);
  const record = await databaseRecord(into);
  // one that is not sharded takes everything as a whole
  const isSharded = shardNumbers(record ?? {}).length > 0;
  const shardOf = isSharded ? await sharding(record?.Sharding ?? {}) : () => undefined;
  const attachments = await AttachmentStore.in(
    join(work.config.dumpDirectory, 'attachments'),
    source ? 'some' : 'all',
    work.tuning.worker.leftoverMs,
  );
  const feeds = new Set<ShardFeed>();
  const unconfirmed: Load[] = [];
  const size = new LoadSize(work.tuning.copy, route.attemptsInVain ?? 0);
  // a load is confirmed while the next one is sent
  let confirmed = Promise.resolve();
  let documents = confirmed;
  const finishLoad = async (load: Load) => {
    const before = confirmed;
    unconfirmed.push(load);
    confirmed = confirm(load, Boolean(route.transformScript)).then(async (arrived) => {
      await before;
      unconfirmed.shift();
      size.confirmed();
      await route.onLoad?.(arrived);
    });
    confirmed.catch(() => undefined);
    await before;
  };
  const onCut = (load: Load) => {
    void finishLoad(load).catch(() => undefined);
    documents = confirmed;
  };
  const open = (shard: number | undefined, section: string) => {
    const types = route.types ?? (shard === undefined ? ALL_TYPES : SHARDED);
    const inOrder = route.mostItems?.() !== undefined || NEED_ORDER.has(section);
    const after = inOrder ? confirmed : NEED_DOCUMENTS.has(section) ? documents : undefined;
    const feed = new ShardFeed(shard === undefined ? into : into.shard(shard), {
      types,
      transformScript: route.transformScript,
      buildVersion: scanner.buildVersion ?? 0,
      after,
    });
    feeds.add(feed);
    return feed;
  };
  const fetch: Routing['fetch'] = async (id, attachment, revision) =>
    source && (await fetchAttachment(source, { id, attachment, revision }));
  const router = new ShardRouter({
    ...route,
    shardOf,
    open,
    onCut,
    attachments,
    fetch,
  });
  const scanner = new DumpScanner(router);
  try {
    await feedLoads(scanner, router, { finishLoad, size }, route, work);
    await confirmed;
    return !router.reachedEnd;
  } catch (error) {
    const failure =
      mayBeOfItem(error) || isGone(error) ? refusedLoad(error, [...unconfirmed, router.cut()]) : error;
    failed.abort(failure);
    throw failure;
  } finally {
    // the signal ends imports that are still open; nothing may write after this function returns
    await Promise.all([...feeds].map((feed) => feed.settled()));
    await attachments.close();
  }
}

/** Kind of the error when the server has imported less than was sent. */
export const ITEMS_LOST = 'ItemsLost';

function isGone(error: unknown): error is RavenError {
  return error instanceof RavenError && error.kind === ATTACHMENT_GONE;
}

/** The load whose import has failed first; those after it wait for it, and fail with the same error. */
function refusedLoad(error: RavenError, loads: readonly Load[]): RavenError {
  if (error instanceof LoadRefused) return error;
  const refused = loads.find(({ feeds }) => feeds.some(({ failure }) => failure === error));
  return refused ? new LoadRefused(error, refused) : error;
}

const ALL_TYPES: readonly ItemType[] = [...DATA, ...DELETIONS];

async function feedLoads(
  scanner: DumpScanner,
  router: ShardRouter,
  { finishLoad, size }: { finishLoad: (load: Load) => Promise<void>; size: LoadSize },
  route: Route,
  { signal }: Work,
): Promise<void> {
  const limit = new RateLimit(route.itemsPerSecond, signal);
  let loadStartedAt = Date.now();
  for await (const chunk of route.dump) {
    scanner.push(chunk);
    await router.ready();
    if (router.reachedEnd) break;
    await limit.keep(router.items - (route.skip ?? 0));
    if (route.singleLoad || scanner.inBlob) continue;
    if (router.bytes < size.bytes && Date.now() - loadStartedAt < size.ms) continue;
    await finishLoad(router.cut());
    loadStartedAt = Date.now();
  }
  if (!router.reachedEnd && !scanner.complete) {
    throw new RavenError('The dump ends too early: the export was cut off.', {
      kind: 'EndOfStreamException',
      retryable: true,
    });
  }
  await finishLoad(router.cut());
}

function added(all: readonly ItemCounts[]): ItemCounts {
  const sum: ItemCounts = {};
  for (const counts of all) {
    for (const [kind, count] of Object.entries(counts) as [keyof ItemCounts, number][]) {
      sum[kind] = (sum[kind] ?? 0) + count;
    }
  }
  return sum;
}

/**
 * Waits until all shards have imported a load.
 * @param script whether a script may have left items out
 * @throws RavenError when they have not imported all of it
 */
async function confirm({ feeds, ...load }: Load, script: boolean): Promise<ConfirmedLoad> {
  const results = await Promise.all(feeds.map((feed) => feed.end()));
  const taken = added(results.map(({ counts }) => counts));
  const skipped = added(results.map((result) => result.skipped));
  for (const kind of ['documents', 'revisions', 'counterGroups'] as const) {
    const [out, arrived] = [load.sent[kind] ?? 0, (taken[kind] ?? 0) + (script ? (skipped[kind] ?? 0) : 0)];
    if (out === arrived) continue;
    const message = `${out} ${kind} were sent to the shards, which imported ${arrived}; they are sent again.`;
    throw new LoadRefused(new RavenError(message, { kind: ITEMS_LOST, retryable: true }), {
      feeds,
      ...load,
    });
  }
  return { ...load, taken };
}

/** Checks that something was copied from a source that has documents. @throws RavenError that is not retryable */
export function assertSomethingCopied(copied: number, expectedDocuments: number): void {
  if (expectedDocuments === 0 || copied > 0) return;
  throw new RavenError(
    `Nothing was copied, although the source has ${expectedDocuments} documents. The target is not complete.`,
    { kind: failures.nothingCopied, retryable: false },
  );
}
