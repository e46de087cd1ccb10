/**
 * Sends the items of a dump to the shards that hold them, to all shards in parallel. RavenDB's own import into a
 * sharded database does the same inside one node, but loses attachments that documents of several shards share
 * (RavenDB-25683). Here each shard gets the bytes of an attachment before the first item that has it.
 */

import { NEED_DOCUMENTS } from '../../core/copy/pieces.ts';
import { lowerCase } from '../../core/sharding/buckets.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import {
  type AttachmentRef,
  attachmentsOf,
  changeVectorOf,
  documentId,
  etagIn,
  ownerId,
  withoutDeletedCounters,
} from '../../ravendb/dump/dump-items.ts';
import { type DumpHandler, isAttachment } from '../../ravendb/dump/dump-scanner.ts';
import { DOCUMENT_LISTS, type RoutedKind } from '../../ravendb/dump/item-kinds.ts';
import type { AttachmentStore } from './attachment-store.ts';
import type { ShardFeed } from './shard-import.ts';

const ROUTED: Record<string, RoutedKind> = DOCUMENT_LISTS;

/** Lists that go to the database as a whole: cluster-wide items, and deletions, which RavenDB sends to the shards. */
const DATABASE_WIDE_LISTS = new Set([
  'Tombstones',
  'TimeSeriesDeletedRanges',
  'CompareExchange',
  'CompareExchangeTombstones',
  'Identities',
]);

/** RavenDB lists these items in order of arrival, so they must not overtake each other. */
export const NEED_ORDER: ReadonlySet<string> = new Set(['RevisionDocuments']);

/** What a router needs. */
export interface Routing {
  /** The shard of an id; undefined if only RavenDB can tell it. */
  shardOf(id: string): number | undefined;
  /**
   * Opens an import into a shard, or into the database as a whole.
   * @param section the list that the import begins with
   */
  open(shard: number | undefined, section: string): ShardFeed;
  /** Gets a load that ends because the next list depends on what was sent. Called before any other import is opened. */
  onCut(load: Load): void;
  attachments: AttachmentStore;
  /**
   * Fetches the bytes of an attachment that is no longer kept. Undefined if the source no longer has it: then the
   * document has changed, and the next round brings it again.
   * @param revision change vector of the revision that has it; undefined for the document itself
   */
  fetch(
    id: string,
    attachment: AttachmentRef,
    revision: string | undefined,
  ): Promise<AsyncIterable<Buffer> | undefined>;
  /** The storage whose etags count for `before` and for the etag of a load. Without it, the etag of a load is 0. */
  databaseId?: string | undefined;
  /** Whether to send a list of the dump; all by default. */
  takes?: ((section: string) => boolean) | undefined;
  /** Number of items to skip because they are on the target. Only for a dump that is the same each time. */
  skip?: number | undefined;
  /** Items from this etag on are left out, because they come later in another way. By default nothing is left out. */
  before?: number | undefined;
  /** Asked for each item: true leaves out the item and everything after it. */
  stopWhen?: (() => boolean) | undefined;
  /** Whether to send an item. Asked for each item of a list that is sent, also for skipped ones. */
  accepts?: ((section: string, json: Buffer) => boolean) | undefined;
  /** Whether to send everything as one load, which is imported in the order of the dump. */
  singleLoad?: boolean | undefined;
  /** How many items a load may have. Without it, whoever calls `cut` decides how large a load is. */
  mostItems?: (() => number | undefined) | undefined;
  /** Whether to send deleted counters: only if nothing else deletes them. */
  sendDeletedCounters?: boolean | undefined;
  /** Changes the bytes of an item that belongs to a document, right before the item is sent. */
  rewrite?: ((section: string, json: Buffer) => Buffer) | undefined;
  /** Called for each item that is sent. */
  onItem?: ((section: string, json: Buffer) => void) | undefined;
}

/** What was sent since the last cut. */
export interface Load {
  feeds: ShardFeed[];
  /** How many items were sent since the last cut, and the first of them. */
  size: number;
  first: { section: string; json: Buffer } | undefined;
  sent: Partial<Record<RoutedKind, number>>;
  /** Items sent since the beginning of the dump, skipped ones included. */
  items: number;
  bytes: number;
  /** Every item of the dump with this etag or a lower one has been sent. */
  etag: number;
}

/** Takes the items of a dump and feeds the shards. */
export class ShardRouter implements DumpHandler {
  readonly #routing: Routing;
  #feeds = new Map<number | undefined, { feed: ShardFeed; attachments: Set<string> }>();
  #sent: Load['sent'] = {};
  #size = 0;
  #first: Load['first'];
  #items = 0;
  #bytes = 0;
  #etag = 0;
  #section = '';
  /** Gets the raw bytes that follow the last item. */
  #blobTaker: ((part: Buffer) => void) | undefined;
  /** Whether `before` or `stopWhen` has ended the dump: nothing more is sent. */
  reachedEnd = false;

  constructor(routing: Routing) {
    this.#routing = routing;
  }

  /** Bytes sent since the last cut. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Items sent since the beginning of the dump, skipped ones included. */
  get items(): number {
    return this.#items;
  }

  /** Resolves when every shard can take more. @throws what an import failed with, or what the worker's disk says */
  async ready(): Promise<void> {
    await this.#routing.attachments.written();
    for (const { feed } of this.#feeds.values()) await feed.ready();
  }

  /** Hands over the imports that are open; the next item opens others. */
  cut(): Load {
    const load = {
      feeds: [...this.#feeds.values()].map(({ feed }) => feed),
      size: this.#size,
      first: this.#first,
      sent: this.#sent,
      items: this.#items,
      bytes: this.#bytes,
      etag: this.#etag,
    };
    this.#feeds = new Map();
    this.#sent = {};
    this.#size = 0;
    this.#first = undefined;
    this.#bytes = 0;
    return load;
  }

  item(section: string, json: Buffer, blobSize: number): void {
    this.#blobTaker = undefined;
    const {
      attachments,
      databaseId,
      before,
      stopWhen,
      skip = 0,
      takes,
      accepts,
      singleLoad,
      mostItems,
      onItem,
    } = this.#routing;
    if (this.reachedEnd || takes?.(section) === false) return;
    if (isAttachment(json)) {
      const { Hash } = JSON.parse(json.toString()) as { Hash: string };
      attachments.begin(Hash, blobSize);
      this.#blobTaker = (part) => attachments.append(part);
      return;
    }
    const kind = ROUTED[section];
    if (!kind && !DATABASE_WIDE_LISTS.has(section)) throw unknownList(section);
    const etag = kind && databaseId !== undefined ? etagIn(json, databaseId) : 0;
    if ((before !== undefined && etag >= before) || stopWhen?.()) {
      this.reachedEnd = true;
      return;
    }
    if (
      !singleLoad &&
      section !== this.#section &&
      (NEED_DOCUMENTS.has(section) || NEED_ORDER.has(section))
    ) {
      this.#routing.onCut(this.cut());
    }
    if (this.#size >= (mostItems?.() ?? Number.POSITIVE_INFINITY)) this.#routing.onCut(this.cut());
    this.#section = section;
    this.#etag = Math.max(this.#etag, etag);
    if (accepts?.(section, json) === false) return;
    this.#items++;
    if (this.#items <= skip) return;
    this.#size++;
    this.#first ??= { section, json };
    this.#bytes += json.length;
    onItem?.(section, json);
    const sent =
      kind === 'counterGroups' && !this.#routing.sendDeletedCounters ? withoutDeletedCounters(json) : json;
    if (!sent) return;
    if (kind) this.#send(section, kind, sent);
    else this.#feed(undefined, section).feed.item(section, sent);
  }

  blob(part: Buffer): void {
    this.#blobTaker?.(part);
  }

  #send(section: string, kind: RoutedKind, json: Buffer): void {
    this.#sent[kind] = (this.#sent[kind] ?? 0) + 1;
    const hasAttachments = kind === 'documents' || kind === 'revisions';
    const id = hasAttachments ? documentId(json) : ownerId(json);
    const { feed, attachments } = this.#feed(this.#routing.shardOf(id), section);
    const revision = kind === 'revisions' ? changeVectorOf(json) : undefined;
    for (const attachment of hasAttachments ? attachmentsOf(json) : []) {
      if (attachments.has(attachment.Hash)) continue;
      attachments.add(attachment.Hash);
      this.#sendAttachment(feed, section, { id, revision }, attachment);
    }
    const { rewrite } = this.#routing;
    feed.item(section, rewrite ? rewrite(section, json) : json);
    if (kind === 'timeSeriesSegments') this.#blobTaker = (part) => this.#raw(feed, part);
  }

  #raw(feed: ShardFeed, part: Buffer): void {
    this.#bytes += part.length;
    feed.raw(part);
  }

  #sendAttachment(
    feed: ShardFeed,
    section: string,
    { id, revision }: { id: string; revision: string | undefined },
    attachment: AttachmentRef,
  ): void {
    const { attachments, fetch } = this.#routing;
    const { Name, Hash, ContentType, Size } = attachment;
    // as RavenDB writes it: the key under which the storage keeps the bytes
    const tag = [lowerCase(id), 'd', lowerCase(Name), Hash, ContentType].join('|');
    const head = { '@metadata': { '@export-type': 'Attachment' }, Hash, Size, Tag: tag };
    feed.item(section, Buffer.from(JSON.stringify(head)));
    this.#bytes += Size;
    const kept = attachments.inMemory(Hash);
    if (kept) for (const part of kept) feed.raw(part);
    else
      feed.later(async function* () {
        const bytes =
          attachments.inMemory(Hash) ??
          (await attachments.onDisk(Hash)) ??
          (await fetch(id, attachment, revision));
        if (bytes) yield* bytes;
        else throw attachmentGone(id, Name);
      });
  }

  #feed(shard: number | undefined, section: string) {
    const known = this.#feeds.get(shard);
    if (known) return known;
    const opened = { feed: this.#routing.open(shard, section), attachments: new Set<string>() };
    this.#feeds.set(shard, opened);
    return opened;
  }
}

/** Kind of the error when a document lists an attachment that the source does not have: it has changed, or it lies. */
export const ATTACHMENT_GONE = 'AttachmentChanged';

/** Retryable, because the next attempt reads the document as it is then. */
function attachmentGone(id: string, name: string): RavenError {
  return new RavenError(`The attachment "${name}" of "${id}" was changed while it was copied.`, {
    kind: ATTACHMENT_GONE,
    retryable: true,
  });
}

/** A newer server may write lists that this code does not know; skipping one would lose its items. */
function unknownList(section: string): RavenError {
  return new RavenError(`The dump holds a list "${section}" that cannot be sent to shards.`, {
    kind: 'InvalidDataException',
    retryable: false,
  });
}
