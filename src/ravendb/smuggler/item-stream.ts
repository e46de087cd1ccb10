/** All items of one kind, in the order of etags, as RavenDB has them. */
import type { PieceKind } from '../../core/copy/pieces.ts';
import type { Database } from '../connection/database.ts';
import { RavenError } from '../connection/errors.ts';
import { decompressed } from '../dump/dump-bytes.ts';
import { DumpScanner, isAttachment } from '../dump/dump-scanner.ts';
import { startExport } from './smuggler.ts';

/** An item, and the raw bytes that follow it. Its memory is used again when the next ones are asked for. */
export interface RawItem {
  json: Buffer;
  blob: Buffer;
}

const EVERYTHING = 2 ** 31 - 1;
const NOTHING = Buffer.alloc(0);

/**
 * Reads a database that is not sharded, or one shard by its own name. Documents come without an export, which is more
 * than twice as fast and can begin at any etag, too.
 * @param from the first etag
 * @param most of documents, no more than these
 * @throws RavenError also when the server was cut off
 */
export async function* itemsOf(
  database: Database,
  kind: PieceKind,
  from: number,
  most = EVERYTHING,
): AsyncGenerator<RawItem[]> {
  const scanned = new ScannedItems();
  if (kind === 'Documents') {
    const doing = 'Reading the documents';
    const answer = await database.open({ doing, path: `docs?etag=${from}&pageSize=${most}` });
    yield* scanned.of(database.bytes(doing, answer));
    if (!scanned.complete) throw documentsCutOff(database);
    return;
  }
  const running = await startExport(database, { types: [kind], startEtag: from });
  yield* scanned.of(decompressed(running.body));
  await running.finished();
}

class ScannedItems {
  #items: RawItem[] = [];
  #blob: Buffer[] = [];
  readonly #scanner = new DumpScanner({
    item: (_list, json) => {
      this.#endBlob();
      if (!isAttachment(json)) this.#items.push({ json, blob: NOTHING });
    },
    blob: (part) => void this.#blob.push(part),
  });

  get complete(): boolean {
    return this.#scanner.complete;
  }

  async *of(bytes: AsyncIterable<Buffer>): AsyncGenerator<RawItem[]> {
    for await (const chunk of bytes) {
      this.#scanner.push(chunk);
      this.#endBlob();
      // what follows the last one may not have come as a whole
      const open = this.#scanner.inBlob ? this.#items.pop() : undefined;
      if (this.#items.length > 0) yield this.#items;
      this.#items = open ? [open] : [];
    }
    if (this.#items.length > 0) yield this.#items;
  }

  /** Gives the item before its bytes. */
  #endBlob(): void {
    const last = this.#items.at(-1);
    if (!last || this.#blob.length === 0) return;
    last.blob = Buffer.concat([last.blob, ...this.#blob]);
    this.#blob = [];
  }
}

/** The error of a response that ended inside a document. */
export function documentsCutOff({ connection, name }: Database): RavenError {
  return new RavenError(
    `Reading the documents of "${name}" on "${connection.name}" ended inside a document.`,
    {
      kind: 'EndOfStreamException',
      retryable: true,
    },
  );
}
