/** All items of one kind, in the order of etags, byte for byte. */
import type { PieceKind } from '../../core/copy/pieces.ts';
import type { Database } from '../connection/database.ts';
import { RavenError } from '../connection/errors.ts';
import { decompressed } from '../dump/dump-bytes.ts';
import { DumpScanner, isAttachment } from '../dump/dump-scanner.ts';
import { startExport } from './smuggler.ts';

/** An item, and the raw bytes that follow it. Its memory is reused when the next ones are read. */
export interface RawItem {
  json: Buffer;
  blob: Buffer;
}

const NO_LIMIT = 2 ** 31 - 1;
const NO_BYTES = Buffer.alloc(0);

/**
 * Reads a database that is not sharded, or one shard. Documents are read without an export: that is more than twice
 * as fast, and can begin at any etag too.
 * @param from the first etag
 * @param most documents to read at most; other kinds are not limited
 * @throws RavenError also when the response was cut off
 */
export async function* itemsOf(
  database: Database,
  kind: PieceKind,
  from: number,
  most = NO_LIMIT,
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
      if (!isAttachment(json)) this.#items.push({ json, blob: NO_BYTES });
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
      // the raw bytes of the last item may not have arrived completely
      const open = this.#scanner.inBlob ? this.#items.pop() : undefined;
      if (this.#items.length > 0) yield this.#items;
      this.#items = open ? [open] : [];
    }
    if (this.#items.length > 0) yield this.#items;
  }

  /** Adds the raw bytes to the item before them. */
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
