/** What a router sends, written down instead of imported. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttachmentStore } from '../../../src/engine/transfer/attachment-store.ts';
import type { ShardFeed } from '../../../src/engine/transfer/shard-import.ts';
import { type Load, type Routing, ShardRouter } from '../../../src/engine/transfer/shard-router.ts';

export const HERE = 'elIyXDA0IEOJVyc6wlXnWw';

/** Writes down what it is given, as the dump that a {@link ShardFeed} would send. */
class WrittenFeed {
  readonly target: string;
  #parts: (string | (() => AsyncIterable<Buffer>))[] = [];
  #section = '';
  full: Promise<void> = Promise.resolve();

  constructor(target: string) {
    this.target = target;
  }

  item(section: string, json: Buffer): void {
    this.#parts.push(`${section === this.#section ? '' : `${section}: `}${json}`);
    this.#section = section;
  }

  raw(bytes: Buffer): void {
    this.#parts.push(`<${bytes}>`);
  }

  later(bytes: () => AsyncIterable<Buffer>): void {
    this.#parts.push(bytes);
  }

  async ready(): Promise<void> {
    await this.full;
  }

  /** What was given, one line each; bytes that come later are read now. */
  async lines(): Promise<string[]> {
    const lines: string[] = [];
    for (const part of this.#parts) {
      if (typeof part === 'string') lines.push(part);
      else for await (const bytes of part()) lines.push(`<${bytes}>`);
    }
    return lines;
  }
}

/** Routers over shards by the digit that an id ends with, and what became of their items. */
export class Routed {
  readonly feeds: WrittenFeed[] = [];
  readonly cuts: Load[] = [];
  readonly attachments: AttachmentStore;
  readonly #directory: string;

  private constructor(directory: string, attachments: AttachmentStore) {
    this.#directory = directory;
    this.attachments = attachments;
  }

  static async open(): Promise<Routed> {
    const directory = mkdtempSync(join(tmpdir(), 'shardlift-router-'));
    return new Routed(directory, await AttachmentStore.in(directory, 'some', 1_000));
  }

  router(options: Partial<Routing> = {}): ShardRouter {
    return new ShardRouter({
      shardOf: (id) => (/\d$/.test(id) ? Number(id.at(-1)) : undefined),
      open: (shard, section) => {
        const feed = new WrittenFeed(`${shard ?? 'whole'} from ${section}`);
        this.feeds.push(feed);
        return feed as Pick<WrittenFeed, 'item' | 'raw' | 'later' | 'ready'> as ShardFeed;
      },
      onCut: (load) => this.cuts.push(load),
      attachments: this.attachments,
      fetch: () => Promise.resolve(undefined),
      databaseId: HERE,
      ...options,
    });
  }

  /** What each import got, in the order in which they were opened. */
  async sent(): Promise<[string, string[]][]> {
    return await Promise.all(
      this.feeds.map(async (feed) => [feed.target, await feed.lines()] as [string, string[]]),
    );
  }

  async close(): Promise<void> {
    await this.attachments.close();
    rmSync(this.#directory, { recursive: true });
  }
}

export const doc = (id: string, etag = 1, attachments = '') =>
  `{"n":1,"@metadata":{${attachments}"@change-vector":"A:${etag}-${HERE}","@id":"${id}"}}`;
export const counter = (id: string, etag = 1, values = '{"likes":[1,2]}') =>
  `{"DocId":"${id}","ChangeVector":"A:${etag}-${HERE}","Values":{"@vals":${values}}}`;
export const segment = (id: string, size: number) =>
  `{"@raven-data":{"DocId":"${id}","Name":"s","ChangeVector":"A:1-${HERE}"},"@raven-blob-size":${size}}`;
export const stream = (hash: string, size: number) =>
  `{"@metadata":{"@export-type":"Attachment"},"Hash":"${hash}","Size":${size},"Tag":"x"}`;
export const listed = (...names: string[]) =>
  `"@attachments":[${names.map((name) => `{"Name":"${name}","Hash":"${name}=","ContentType":"t/t","Size":4}`)}],`;
export const head = (id: string, name: string) =>
  `{"@metadata":{"@export-type":"Attachment"},"Hash":"${name}=","Size":4,"Tag":"${id}|d|${name.toLowerCase()}|${name}=|t/t"}`;

export function feed(to: ShardRouter, section: string, json: string, ...blob: string[]): void {
  to.item(section, Buffer.from(json), blob.join('').length);
  for (const part of blob) to.blob(Buffer.from(part));
}
