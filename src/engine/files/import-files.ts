/** Imports dumps and backups one after another, and compares each with the target before the next one. */

import { z } from 'zod';
import { MAX_DIFFERENCES } from '../../core/compare/verification.ts';
import type { ItemName } from '../../core/copy/refused.ts';
import type { DumpFileRef, FilesImport, ImportedFiles, ImportJob } from '../../core/files/files.ts';
import { formatCount } from '../../core/text/format.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { documentId } from '../../ravendb/dump/dump-items.ts';
import { databaseCounts } from '../../ravendb/requests/statistics.ts';
import {
  forgetPartialImport,
  noteImported,
  notePartialImport,
  readLedger,
} from '../prepare/import-ledger.ts';
import { differenceSchema, itemNameSchema, lastHeartbeat } from '../work/last-heartbeat.ts';
import { Meter } from '../work/meter.ts';
import type { Work } from '../work/work.ts';
import { compareFile } from './compare-file.ts';
import { plainBytes } from './dump-file.ts';
import { type ImportedSettings, importSettings } from './file-settings.ts';
import { importFile } from './import-file.ts';
import { ItemFilter } from './item-filter.ts';

/**
 * Imports files in order. A retry does not send again what the target has confirmed. When the workflow cancels the
 * import, it returns how far it came.
 */
export async function importFiles(work: Work, input: FilesImport): Promise<ImportedFiles> {
  return await new FileImporter(work, input).import();
}

/** Copies indexes, settings and subscriptions from the last file. */
export async function importFileSettings(
  work: Work,
  input: ImportJob & Pick<FilesImport, 'files' | 'continues'>,
): Promise<ImportedSettings> {
  const file = input.files.at(-1);
  if (!file) return { settings: [], notCarried: [] };
  const plain = await plainBytes(work, file, input.encryptionKey);
  const ledger = input.ledger ? await readLedger(work.database(input.target), input.ledger) : undefined;
  // what was on the target before an import stays, even if existing data is no longer allowed
  const own = input.continues && !input.target.allowExistingData && !ledger?.shared;
  return await importSettings(work, plain, input.target, { types: input.types, own });
}

/** What an import has done, and which items RavenDB has refused. */
interface Done extends ImportedFiles {
  refused: ItemName[];
}

const doneSchema: z.ZodType<Done> = z.object({
  done: z.boolean(),
  reached: z.object({ files: z.number(), items: z.number() }),
  items: z.record(z.string(), z.number()),
  notCarried: z.array(z.string()),
  documentsCompared: z.number(),
  mismatches: z.number(),
  differences: z.array(differenceSchema),
  refused: z.array(itemNameSchema),
});

class FileImporter {
  readonly #work: Work;
  readonly #input: FilesImport;
  readonly #target: Database;
  readonly #done: Done;

  constructor(work: Work, input: FilesImport) {
    this.#work = work;
    this.#input = input;
    this.#target = work.database(input.target);
    this.#done = lastHeartbeat(work, doneSchema) ?? {
      done: false,
      reached: input.reached,
      items: {},
      notCarried: [],
      documentsCompared: 0,
      mismatches: 0,
      differences: [],
      refused: [...(input.refused ?? [])],
    };
  }

  async import(): Promise<ImportedFiles> {
    const work = this.#work;
    work.heartbeat(this.#done);
    try {
      await this.#begin();
      await this.#skipImported();
      for (let next = this.#next; next; next = this.#next) {
        await this.#importOne(next);
        if (this.#done.mismatches > 0) break;
        await this.#note(next);
        this.#done.reached = { files: this.#done.reached.files + 1, items: 0 };
        work.heartbeat(this.#done);
      }
    } catch (error) {
      if (!work.canceledByWorkflow) throw error;
      return this.#imported();
    }
    return this.#imported({ done: this.#done.mismatches === 0 });
  }

  /** Without the items that were refused, of which the workflow has heard by then. */
  #imported(more: Pick<ImportedFiles, 'done'> = { done: false }): ImportedFiles {
    const { refused: _, ...imported } = this.#done;
    return { ...imported, ...more };
  }

  /** The file to import next; undefined after the last one. */
  get #next(): DumpFileRef | undefined {
    const { files, first } = this.#input;
    return files[this.#done.reached.files - first];
  }

  /** Notes on an empty target that this import began: the same import may run again without `allowExistingData`. */
  async #begin(): Promise<void> {
    const { files, continues } = this.#input;
    const [first] = files;
    const { reached } = this.#done;
    if (!first || continues || reached.files > 0 || reached.items > 0) return;
    const { documents } = await databaseCounts(this.#target);
    if (documents === 0) await notePartialImport(this.#target, { file: first.name, bytes: first.bytes });
  }

  /**
   * Skips the files that the ledger lists. After a crash the heartbeat may be older than the ledger, and a file must
   * not be imported again once the next one has begun.
   */
  async #skipImported(): Promise<void> {
    const { ledger: name } = this.#input;
    if (name === null) return;
    const ledger = await readLedger(this.#target, name);
    const isHeld = () => ledger?.files.includes(this.#next?.name ?? '') ?? false;
    if (!isHeld()) return;
    // the crash may have come between the two notes
    await forgetPartialImport(this.#target);
    while (isHeld()) this.#done.reached = { files: this.#done.reached.files + 1, items: 0 };
  }

  async #importOne(file: DumpFileRef): Promise<void> {
    const { kind, types, collections, transformScript, continues, encryptionKey, maxItemsPerSecond } =
      this.#input;
    const { reached } = this.#done;
    const number = reached.files + 1;
    const title = this.#input.of > 1 ? `file ${number} of ${this.#input.of}` : file.name;
    // if earlier files have filled the target, a full backup must also delete what was deleted since then
    const deletions = file.incremental || (kind === 'backup' && continues);
    const open = () => plainBytes(this.#work, file, encryptionKey);
    const meter = new Meter(this.#work, `importing ${title}`, file.items, reached.items);
    const artificial = await importFile(this.#work, {
      file: file.name,
      target: this.#target,
      types,
      collections,
      transformScript,
      open,
      deletions,
      maxItemsPerSecond,
      skip: reached.items,
      onLoad: (items, taken) => {
        if (!deletions) reached.items = items;
        for (const [name, count = 0] of Object.entries(taken))
          this.#done.items[name] = (this.#done.items[name] ?? 0) + count;
        this.#work.heartbeat(this.#done);
        meter.report(items);
      },
      onRefused: (items) => this.#done.refused.push(...items.map(({ kind, id }) => ({ kind, id }))),
    });
    this.#leftOut(artificial);
    await this.#compare(file, title, { deletions, open });
  }

  async #compare(
    file: DumpFileRef,
    title: string,
    { deletions, open }: { deletions: boolean; open: () => Promise<AsyncIterable<Buffer>> },
  ): Promise<void> {
    const { types, collections, transformScript } = this.#input;
    if (!types.includes('Documents')) return;
    const meter = new Meter(this.#work, `comparing ${title}`, file.documents);
    const all = (['Attachments', 'CounterGroups', 'TimeSeries'] as const).every((type) =>
      types.includes(type),
    );
    const filter = new ItemFilter(collections);
    const refused = new Set(this.#done.refused.map(({ id }) => id.toLowerCase()));
    const isRefused = (json: Buffer) => refused.size > 0 && refused.has(documentId(json).toLowerCase());
    const found = await compareFile({
      target: this.#target,
      open,
      deletions,
      content: all && transformScript === null,
      accepts: (list, json) => filter.accepts(list, json) && !isRefused(json),
      onProgress: (documents) => meter.report(documents),
    });
    const done = this.#done;
    done.documentsCompared += found.documents;
    // a script may leave out documents, so a missing one is no mismatch
    if (transformScript !== null) return;
    done.mismatches += found.mismatches;
    done.differences = [...done.differences, ...found.differences].slice(0, MAX_DIFFERENCES);
  }

  #leftOut(artificial: Record<string, number>): void {
    for (const [collection, count] of Object.entries(artificial)) {
      const line =
        `collection "${collection}": ${formatCount(count)} documents were written by an index and are not imported; ` +
        'indexes of a sharded database write no documents';
      const others = this.#done.notCarried.filter((each) => !each.startsWith(`collection "${collection}":`));
      this.#done.notCarried = [...others, line];
    }
  }

  /** Records a backup file in the ledger. A dump is not recorded, because it may be imported again on purpose. */
  async #note(file: DumpFileRef): Promise<void> {
    const { ledger, database, target } = this.#input;
    if (ledger === null) return await forgetPartialImport(this.#target);
    const { documents } = await databaseCounts(this.#target);
    await noteImported(this.#target, ledger, {
      database: database ?? '',
      file: file.name,
      documents,
      span: file.span,
      shared: target.allowExistingData,
      startsChain: !file.incremental,
    });
    await forgetPartialImport(this.#target);
  }
}
