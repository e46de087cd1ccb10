/** What of a target an import would change: to be known before it is allowed. */
import type { DumpFileRef } from '../core/files.ts';
import { formatCount } from '../core/format.ts';
import { compareExchangeKeys } from '../ravendb/cluster-items.ts';
import type { RavenConnection } from '../ravendb/connection.ts';
import { readIds } from '../ravendb/documents.ts';
import { documentId, tombstoneId } from '../ravendb/dump-items.ts';
import { DumpScanner, isAttachment } from '../ravendb/dump-scanner.ts';

/** How many ids or keys are looked for at a time. */
const IDS = 1000;
const KEYS = 25;
/** How many examples a sentence names. */
const EXAMPLES = 3;

/** Ids or keys of files that a target has, too. */
class Overlap {
  count = 0;
  readonly #examples = new Set<string>();
  readonly #atOnce: number;
  readonly #find: (names: string[]) => Promise<string[]>;
  #names = new Set<string>();

  constructor(atOnce: number, find: (names: string[]) => Promise<string[]>) {
    this.#atOnce = atOnce;
    this.#find = find;
  }

  add(name: string): void {
    this.#names.add(name.toLowerCase());
  }

  async look(atLeast = this.#atOnce): Promise<void> {
    while (this.#names.size >= Math.max(1, atLeast)) {
      const names = [...this.#names].slice(0, this.#atOnce);
      for (const name of names) this.#names.delete(name);
      const found = await this.#find(names);
      this.count += found.length;
      for (const name of found) if (this.#examples.size < EXAMPLES) this.#examples.add(name);
    }
  }

  /** The examples in brackets, if there are any. */
  get named(): string {
    return this.count === 0 ? '' : ` (${[...this.#examples].map((name) => `"${name}"`).join(', ')})`;
  }
}

/**
 * Looks which documents and keys of compare exchange files would change.
 * @param plain the plain bytes of one of them
 * @returns it in words: what "would be ..."
 * @throws RavenError
 */
export async function describeOverwritten(
  connection: RavenConnection,
  database: string,
  files: readonly DumpFileRef[],
  plain: (file: DumpFileRef) => Promise<AsyncIterable<Buffer>>,
): Promise<string> {
  const ids = async (some: string[]) => [...(await readIds(connection, database, some)).values()];
  const replaced = new Overlap(IDS, ids);
  const changed = new Overlap(IDS, ids);
  const keys = new Overlap(KEYS, (some) => compareExchangeKeys(connection, database, some));
  for (const file of files) {
    const documents = file.incremental ? changed : replaced;
    const scanner = new DumpScanner({
      item: (list, json) => {
        if (list === 'Docs' && !isAttachment(json)) documents.add(documentId(json));
        if (list === 'CompareExchange') keys.add((JSON.parse(json.toString()) as { Key: string }).Key);
        const deleted = file.incremental && list === 'Tombstones' ? tombstoneId(json) : undefined;
        if (deleted !== undefined) documents.add(deleted);
      },
      blob: () => undefined,
    });
    for await (const chunk of await plain(file)) {
      scanner.push(chunk);
      await documents.look();
      await keys.look();
    }
    await documents.look(1);
    await keys.look(1);
  }
  const words = [`${formatCount(replaced.count)} of them would be overwritten${replaced.named}`];
  // a document that several files change is in each
  if (changed.count > 0)
    words.push(
      `up to ${formatCount(changed.count)} overwritten or deleted by incremental files${changed.named}`,
    );
  if (keys.count > 0)
    words.push(`up to ${formatCount(keys.count)} keys of compare exchange overwritten${keys.named}`);
  return words.join(', ');
}
