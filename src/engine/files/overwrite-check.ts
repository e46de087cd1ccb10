/** Finds what an import would change on a target, so that a person can decide whether to allow it. */

import type { ChosenItemType } from '../../core/contract/file-contract.ts';
import type { DumpFileRef } from '../../core/files/files.ts';
import { indexKey } from '../../core/settings/indexes.ts';
import { formatCount } from '../../core/text/format.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { documentId, tombstoneId } from '../../ravendb/dump/dump-items.ts';
import { isAttachment } from '../../ravendb/dump/dump-scanner.ts';
import { scan } from '../../ravendb/dump/scan.ts';
import { compareExchangeKeys } from '../../ravendb/requests/cluster-items.ts';
import { readIds } from '../../ravendb/requests/documents.ts';
import { readIndexes, staticIndexName } from '../../ravendb/requests/indexes.ts';
import { ItemFilter } from './item-filter.ts';

/** How many ids or keys one request looks up. */
const IDS = 1000;
const KEYS = 25;
/** How many examples a message names. */
const EXAMPLES = 3;

/** Counts the names in files that also exist on the target. */
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

  add(name: string | undefined): void {
    if (name !== undefined) this.#names.add(name.toLowerCase());
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

  /** The examples in parentheses; empty if there are none. */
  get named(): string {
    return this.count === 0 ? '' : ` (${[...this.#examples].map((name) => `"${name}"`).join(', ')})`;
  }
}

/** The files of an import, and what to import from them. */
export interface WantedFiles {
  files: readonly DumpFileRef[];
  types: readonly ChosenItemType[];
  collections: readonly string[] | null;
  /** The plain bytes of one of the files. */
  open(file: DumpFileRef): Promise<AsyncIterable<Buffer>>;
}

/**
 * Finds which documents, compare exchange keys and indexes of a target an import would change.
 * @returns a text that continues a sentence about the number of documents on the target
 * @throws RavenError
 */
export async function describeOverwritten(
  target: Database,
  { files, types, collections, open }: WantedFiles,
): Promise<string> {
  const ids = async (some: string[]) => [...(await readIds(target, some)).values()];
  const { definitions = [] } = (await readIndexes(target)) ?? {};
  const there = new Map(definitions.map(({ Name }) => [indexKey(Name), Name]));
  const replaced = new Overlap(IDS, ids);
  const changed = new Overlap(IDS, ids);
  const keys = new Overlap(KEYS, (some) => compareExchangeKeys(target, some));
  const indexes = new Overlap(IDS, async (some) => some.flatMap((key) => there.get(key) ?? []));
  const filter = new ItemFilter(collections);
  for (const file of files) {
    const documents = file.incremental ? changed : replaced;
    const isLast = file === files.at(-1);
    const take: Partial<Record<string, (json: Buffer) => void>> = {
      ...(types.includes('Documents') && {
        Docs: (json) => filter.accepts('Docs', json) && documents.add(documentId(json)),
      }),
      ...(file.incremental && { Tombstones: (json) => documents.add(tombstoneId(json)) }),
      ...(types.includes('CompareExchange') && {
        CompareExchange: (json) => keys.add((JSON.parse(json.toString()) as { Key: string }).Key),
      }),
      ...(isLast && types.includes('Indexes') && { Indexes: (json) => indexes.add(staticIndexName(json)) }),
    };
    const names = scan(await open(file), (list, json) => {
      if (!isAttachment(json)) take[list]?.(json);
      return true;
    });
    for await (const _ of names) for (const each of [documents, keys]) await each.look();
    for (const each of [documents, keys, indexes]) await each.look(1);
  }
  const words = [`${formatCount(replaced.count)} of them would be overwritten${replaced.named}`];
  // a document that several files change counts once for each of them
  if (changed.count > 0)
    words.push(`up to ${formatCount(changed.count)} changed or deleted by incremental files${changed.named}`);
  if (keys.count > 0)
    words.push(`up to ${formatCount(keys.count)} of its compare exchange keys overwritten${keys.named}`);
  if (indexes.count > 0) words.push(`${formatCount(indexes.count)} of its indexes replaced${indexes.named}`);
  return words.join(', ');
}
