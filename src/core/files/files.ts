/** Dump and backup files, as workflows and activities describe them. */

import { z } from 'zod';
import type { Difference } from '../compare/verification.ts';
import type { TargetRef } from '../contract/contract.ts';
import { type ChosenItemType, type ExportDatabaseConfig, itemTypes } from '../contract/file-contract.ts';
import type { ItemName } from '../copy/refused.ts';
import type { Check } from '../plan/check.ts';
import type { Span } from './etag-spans.ts';

/** Numbers of items by kind, with RavenDB's names of the kinds. */
export type ItemNumbers = Partial<Record<string, number>>;

/** One file to import, and what it contains. */
export interface DumpFileRef {
  /** The name that people see. */
  name: string;
  /** The folder of the input, in a bucket or on the worker, and the path of the file in it. */
  folder: string;
  path: string;
  bucket: string | null;
  bytes: number;
  /** Whether it contains only what changed since the file before, deletions included. */
  incremental: boolean;
  documents: number;
  /** Items of all kinds that belong to documents. */
  items: number;
  /** Etags of its items, by storage; for backups. */
  span: Span;
}

/** The manifest next to a dump, which is checked before an import. */
export const manifestSchema = z.object({
  format: z.literal(1),
  exportedAt: z.string(),
  source: z.object({
    connection: z.string(),
    database: z.string(),
    sharded: z.boolean(),
    /** Version of the server that wrote the dump. */
    server: z.string(),
  }),
  /** The position of the source before the export; null for a sharded source. */
  position: z
    .object({
      etag: z.number(),
      raftIndex: z.number(),
      compareExchange: z.string().optional(),
      databaseId: z.string(),
      nodeTag: z.string(),
    })
    .nullable(),
  /** The options of the export. */
  types: z.array(z.enum(itemTypes)),
  collections: z.array(z.string()).nullable(),
  transformed: z.boolean(),
  compression: z.enum(['zstd', 'gzip']),
  /** The name of its encryption key; null if it is not encrypted. */
  encryptionKey: z.string().nullable(),
  file: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  /** Items of the dump by kind, as the server counted them. */
  counts: z.record(z.string(), z.number()),
});

export type Manifest = z.output<typeof manifestSchema>;

/** Suffix of a dump's manifest, after the name of the dump's file. */
export const MANIFEST_SUFFIX = '.manifest.json';

/** Suffix of a dump, as RavenDB's Studio names it. */
export const DUMP_SUFFIX = '.ravendbdump';

/** An import as activities get it: of a dump or of backup files. */
export interface ImportJob {
  kind: 'dump' | 'backup';
  /** Path on the worker or in the bucket. */
  path: string;
  bucket: string | null;
  /** The database of the backups, if the folder contains several. */
  database: string | null;
  /** ISO time; later backup files are left out. */
  upTo: string | null;
  target: TargetRef;
  types: readonly ChosenItemType[];
  collections: readonly string[] | null;
  transformScript: string | null;
  encryptionKey: string | null;
  /** Name of the ledger on the target that lists imported files; null for none. */
  ledger: string | null;
}

/** The ledger of `importBackup`: each import continues where the last one ended. */
export const LEDGER = 'imports';

/** What the names of the ledgers begin with that only one run needs. */
export function ledgersOf(workflowId: string): string {
  return `${LEDGER}/${partOfName(workflowId)}/`;
}

/** A text as one part of the name of a note, whose parts are separated by slashes: no other text begins with it. */
export function partOfName(text: string): string {
  return text.replace(/[%/]/g, encodeURIComponent);
}

/** Files of one import at most: their list is part of each history. */
export const MOST_FILES = 2_000;

/** The result of inspecting the files. */
export interface InspectedFiles {
  checks: Check[];
  /** What was found, a line each. */
  findings: string[];
  /** Files to import, in order. */
  files: DumpFileRef[];
  /** The database of the files, if their names say. */
  database: string | null;
  /** The last file that is on the target already. */
  standsAt: string | null;
  /** Whether the files continue earlier imports, so that the target is ours. */
  continues: boolean;
  /** Whether the target held no documents. */
  intoEmpty?: boolean;
}

/** How far an import is. */
interface ImportReached {
  /** Complete files on the target, of all. */
  files: number;
  /** Items of the next file that are on the target. */
  items: number;
}

/** Files on their way. */
export interface FilesImport extends ImportJob {
  /** The next files, in order. */
  files: DumpFileRef[];
  /** The number of the first of them among all, counted from 0. */
  first: number;
  /** How many files there are in all. */
  of: number;
  /** Whether the files go on where earlier imports ended. */
  continues: boolean;
  maxItemsPerSecond: number | null;
  reached: ImportReached;
  /** Items of these files that RavenDB has refused so far. */
  refused?: readonly ItemName[];
}

/** What one activity did, also when the workflow canceled it. Where documents differ, the files after that are not begun. */
export interface ImportedFiles {
  done: boolean;
  reached: ImportReached;
  /** Items that the target's server took, by kind. */
  items: Record<string, number>;
  /** What was left out, a line each. */
  notCarried: string[];
  documentsCompared: number;
  mismatches: number;
  differences: Difference[];
}

/** A dump to write. */
export interface DumpOrder extends ExportDatabaseConfig {
  /** ISO time that names it: the same for each try. */
  at: string;
}

/** A dump that was written. */
export interface WrittenDump {
  /** The worker's host that holds it. */
  host: string;
  /** The task queue of that host. */
  taskQueue: string;
  directory: string;
  file: string;
  bytes: number;
  sha256: string;
  counts: ItemNumbers;
  warnings: string[];
}
