/** All items of one kind, in the order of etags, as RavenDB has them. */
import type { PieceKind } from '../../core/copy/pieces.ts';
import type { RavenConnection } from '../connection/connection.ts';
import { RavenError } from '../connection/errors.ts';
import { decompressed } from '../dump/dump-bytes.ts';
import { DumpScanner, isAttachment } from '../dump/dump-scanner.ts';
import { databasePath } from '../requests/databases.ts';
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
  connection: RavenConnection,
  database: string,
  kind: PieceKind,
  from: number,
  most = EVERYTHING,
): AsyncGenerator<RawItem[]> {
  const scanned = new ScannedItems();
  if (kind === 'Documents') {
    yield* scanned.of(await openDocuments(connection, database, from, most));
    if (!scanned.complete) throw cutOff(connection, database);
    return;
  }
  const running = await startExport(connection.http, database, { types: [kind], startEtag: from });
  yield* scanned.of(decompressed(running.body));
  await running.finished();
}

async function openDocuments(
  { http }: RavenConnection,
  database: string,
  from: number,
  most: number,
): Promise<AsyncIterable<Buffer>> {
  const path = databasePath(database, `docs?etag=${from}&pageSize=${most}`);
  const about = { doing: 'Reading the documents', database };
  const stream = await http.open({ ...about, path });
  return (async function* explained() {
    try {
      yield* stream as AsyncIterable<Buffer>;
    } catch (error) {
      throw http.explain(about, error);
    }
  })();
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

function cutOff({ name }: RavenConnection, database: string): RavenError {
  return new RavenError(`Reading the documents of "${database}" on "${name}" ended inside a document.`, {
    kind: 'EndOfStreamException',
    retryable: true,
  });
}
