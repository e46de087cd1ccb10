/**
 * Feeds a dump to the shards of the target. The dump is cut into loads that are imported one after another, all
 * shards side by side; what was confirmed need not be sent again.
 */
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { sharding } from '../core/buckets.ts';
import { AttachmentStore } from '../ravendb/attachment-store.ts';
import type { RavenConnection } from '../ravendb/connection.ts';
import { databasePath, databaseRecord, shardName } from '../ravendb/database.ts';
import { decompressed } from '../ravendb/dump-bytes.ts';
import type { AttachmentRef } from '../ravendb/dump-items.ts';
import { DumpScanner } from '../ravendb/dump-scanner.ts';
import { RavenError } from '../ravendb/errors.ts';
import { ShardFeed } from '../ravendb/shard-feed.ts';
import { type Load, type Routing, ShardRouter } from '../ravendb/shard-router.ts';
import type { ItemType } from '../ravendb/smuggler.ts';
import type { ItemCounts } from '../ravendb/smuggler-result.ts';
import type { Environment, Run } from './environment.ts';
import type { Transfer } from './transfer.ts';

/** Kinds of items that belong to a document, and so to a shard. */
export const SHARDED: readonly ItemType[] = [
  'Documents',
  'RevisionDocuments',
  'Attachments',
  'CounterGroups',
  'TimeSeries',
];

/** A load is imported when it has this size or age: the most that is sent again after a death. */
const LOAD_BYTES = 16 * 1024 * 1024;
const LOAD_MS = 5_000;

/** A load that is on the target. */
export interface Arrived extends Omit<Load, 'feeds'> {
  /** What the shards counted. */
  taken: ItemCounts;
}

/** What to route, and who is told. */
export interface Route extends Pick<Routing, 'skip' | 'before'> {
  /** The dump as RavenDB compressed it. */
  dump: Readable;
  /** Called in order, when a load and all loads before it are on the target. */
  onLoad(load: Arrived): void;
}

/**
 * Sends the documents of a dump, and all that belongs to documents, to their shards.
 * @returns whether the dump was read to its end, and not only up to `before`
 * @throws RavenError
 */
export async function routeDump(
  { config }: Environment,
  run: Run,
  transfer: Transfer,
  route: Route,
): Promise<boolean> {
  const { source, target, from } = transfer;
  const failed = new AbortController();
  const signal = AbortSignal.any([run.signal, failed.signal]);
  const into = run.connection(target.connection).within(signal);
  const record = await databaseRecord(into, target.database);
  const shardOf = await sharding(record?.Sharding ?? {});
  const attachments = await AttachmentStore.in(join(config.dumpDirectory, 'attachments'));
  const feeds = new Set<ShardFeed>();
  const open = (shard: number) => {
    const build = scanner.buildVersion ?? 0;
    const feed = new ShardFeed(into.http, shardName(target.database, shard), SHARDED, build);
    feeds.add(feed);
    return feed;
  };
  const fetch = (id: string, attachment: AttachmentRef, json: Buffer) =>
    fetchAttachment(run.connection(source.connection), source.database, { id, attachment, json });
  const { skip, before } = route;
  const router = new ShardRouter({
    shardOf,
    open,
    attachments,
    fetch,
    databaseId: from.databaseId,
    ...(skip !== undefined && { skip }),
    ...(before !== undefined && { before }),
  });
  const scanner = new DumpScanner(router);
  try {
    await feedLoads(decompressed(route.dump), scanner, router, route.onLoad);
    return !router.reachedEnd;
  } catch (error) {
    failed.abort(error);
    throw error;
  } finally {
    // an import that is still open ends with the signal; nothing may write after we have left
    await Promise.all([...feeds].map((feed) => feed.settled()));
    await attachments.close();
  }
}

async function feedLoads(
  dump: Readable,
  scanner: DumpScanner,
  router: ShardRouter,
  onLoad: Route['onLoad'],
): Promise<void> {
  // one load is being confirmed while the next is sent
  let confirmed = Promise.resolve();
  const finishLoad = async () => {
    const before = confirmed;
    const load = router.cut();
    confirmed = confirm(load).then(async (arrived) => {
      await before;
      onLoad(arrived);
    });
    confirmed.catch(() => undefined);
    await before;
  };
  let begun = Date.now();
  for await (const chunk of dump) {
    scanner.push(chunk as Buffer);
    await router.ready();
    if (router.reachedEnd) break;
    if (scanner.inBlob || (router.bytes < LOAD_BYTES && Date.now() - begun < LOAD_MS)) continue;
    await finishLoad();
    begun = Date.now();
  }
  if (!router.reachedEnd && !scanner.complete) {
    throw new RavenError('The dump ends too early: the export was cut off.', {
      kind: 'EndOfStreamException',
      retryable: true,
    });
  }
  await finishLoad();
  await confirmed;
}

/** Waits until all shards have imported a load. @throws RavenError when they have not taken all of it */
async function confirm({ feeds, ...load }: Load): Promise<Arrived> {
  const results = await Promise.all(feeds.map((feed) => feed.end()));
  const taken: ItemCounts = {};
  for (const { counts } of results) {
    for (const [kind, count] of Object.entries(counts) as [keyof ItemCounts, number][]) {
      taken[kind] = (taken[kind] ?? 0) + count;
    }
  }
  for (const kind of ['documents', 'revisions', 'counterGroups'] as const) {
    const [out, arrived] = [load.sent[kind] ?? 0, taken[kind] ?? 0];
    if (out === arrived) continue;
    const message = `${out} ${kind} were sent to the shards, which took ${arrived}; the copy is tried again.`;
    throw new RavenError(message, { kind: 'ItemsLost', retryable: true });
  }
  return { ...load, taken };
}

/** Reads an attachment once more from the source, unless it has changed there. */
async function fetchAttachment(
  { http }: RavenConnection,
  database: string,
  wanted: { id: string; attachment: AttachmentRef; json: Buffer },
): Promise<AsyncIterable<Buffer> | undefined> {
  const { id, attachment } = wanted;
  const query = new URLSearchParams({ id, name: attachment.Name });
  const path = databasePath(database, `attachments?${query}`);
  const answer = await http.ask({ doing: 'Reading an attachment', database, path });
  if (answer.headers['attachment-hash'] === attachment.Hash) return answer;
  await buffer(answer).catch(() => undefined);
  return undefined;
}
