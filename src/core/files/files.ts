/** Dump and backup files as workflows and activities speak of them. */

import { z } from 'zod';
import type { Difference } from '../compare/verification.ts';
import type { TargetRef } from '../contract/contract.ts';
import type { ExportDatabaseConfig } from '../contract/file-contract.ts';
import { type ChosenItemType, itemTypes } from '../contract/file-contract.ts';
import type { Check } from '../plan/check.ts';
import type { Span } from './etag-spans.ts';

/** Numbers of items by kind, as RavenDB's smuggler calls the kinds. */
export type ItemNumbers = Partial<Record<string, number>>;

/** One file to import, and what was found in it. */
export interface DumpFileRef {
  /** Name by which a person knows it. */
  name: string;
  /** The folder that was named, in a bucket or on the worker, and the path of the file in it. */
  folder: string;
  path: string;
  bucket: string | null;
  bytes: number;
  /** What changed since the file before, deletions included, and not a whole database. */
  incremental: boolean;
  documents: number;
  /** Items of all kinds that belong to documents. */
  items: number;
  /** Etags of what it holds, by storage; for backups. */
  span: Span;
}

/** What is written beside a dump, and checked before it is imported. */
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
  /** Where the source stood before the export began; null for a sharded one. */
  position: z
    .object({ etag: z.number(), raftIndex: z.number(), databaseId: z.string(), nodeTag: z.string() })
    .nullable(),
  /** What was asked for. */
  types: z.array(z.enum(itemTypes)),
  collections: z.array(z.string()).nullable(),
  transformed: z.boolean(),
  compression: z.enum(['zstd', 'gzip']),
  /** The name of the key that it was encrypted with; null when it is not encrypted. */
  encryptionKey: z.string().nullable(),
  file: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  /** Items of the dump by kind, as the server counted them. */
  counts: z.record(z.string(), z.number()),
});

export type Manifest = z.output<typeof manifestSchema>;

/** Ends the name of the manifest of a dump; what stands before it is the name of the dump's file. */
export const MANIFEST_SUFFIX = '.manifest.json';

/** Ends the name of a dump, as RavenDB's Studio names it. */
export const DUMP_SUFFIX = '.ravendbdump';

/** An import as activities get it: of a dump or of backup files. */
export interface ImportJob {
  kind: 'dump' | 'backup';
  /** Path on the worker, or in the bucket. */
  path: string;
  bucket: string | null;
  /** Whose backups. */
  database: string | null;
  /** ISO time; later backup files are left out. */
  upTo: string | null;
  target: TargetRef;
  types: readonly ChosenItemType[];
  collections: readonly string[] | null;
  transformScript: string | null;
  encryptionKey: string | null;
  /** The name of the note on the target that says which of the files it holds; null for none. */
  ledger: string | null;
}

/** The ledger of `importBackup`, by which each import goes on where the last one ended. */
export const LEDGER = 'imports';

/** What a look at the files found. */
export interface InspectedFiles {
  checks: Check[];
  /** What was found, a line each. */
  findings: string[];
  /** Files to import, in order. */
  files: DumpFileRef[];
  /** The database that the files are of, where their names tell. */
  database: string | null;
  /** The last file that the target holds already. */
  standsAt: string | null;
  /** Whether the files go on where earlier imports ended, so that the target is ours. */
  continues: boolean;
}

/** Where an import stands. */
export interface ImportReached {
  /** Files that are on the target. */
  files: number;
  /** Items of the next one that are. */
  items: number;
}

/** Files on their way. */
export interface FilesImport extends ImportJob {
  files: DumpFileRef[];
  /** Whether the files go on where earlier imports ended. */
  continues: boolean;
  maxItemsPerSecond: number | null;
  reached: ImportReached;
}

/** What was done, also when the workflow canceled it. Where documents differ, the files after that are not begun. */
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
