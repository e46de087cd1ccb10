/** The public contract of the workflows that write and read files: dumps and backups. */
import { z } from 'zod';
import { itemsPerSecond, name, type Parsed, parse, sourceSchema, targetSchema } from './schemas.ts';

/** Kinds of items that a person may choose, by RavenDB's names in exports and imports. */
export const itemTypes = [
  'Documents',
  'Attachments',
  'RevisionDocuments',
  'CounterGroups',
  'TimeSeries',
  'CompareExchange',
  'Identities',
  'Indexes',
  'DatabaseRecord',
  'Subscriptions',
] as const;

export type ChosenItemType = (typeof itemTypes)[number];

const types = z
  .array(z.enum(itemTypes))
  .min(1)
  .default([...itemTypes]);

const collections = z.array(name).min(1).nullable().default(null);

/** RavenDB's transform script: JavaScript that may change a document (`this`) or skip it (`throw 'skip'`). */
const transformScript = name.nullable().default(null);

/** The name of a key in the worker's configuration; the key itself never leaves the worker. */
export const encryptionKey = name.nullable().default(null);

/** A path on the worker: absolute, or relative to its `dumpDirectory`. */
const path = name;

/** The worker host that has the file; without one, any worker may take the work, so the path must be shared. */
const host = name.nullable().default(null);

const exportDatabaseSchema = z.strictObject({
  source: sourceSchema,
  /** Where the dump goes: `<directory>/<database>/<time>/`. */
  directory: path.default('.'),
  types,
  collections,
  transformScript,
  compression: z.enum(['zstd', 'gzip']).default('zstd'),
  encryptionKey,
});

/** The input of `exportDatabase` with every default filled in. */
export type ExportDatabaseConfig = z.output<typeof exportDatabaseSchema>;

const importDumpSchema = z.strictObject({
  /** The dump file, or the directory of an export. */
  dump: z.strictObject({ path, host }),
  target: targetSchema,
  types,
  collections,
  transformScript,
  encryptionKey,
  maxItemsPerSecond: itemsPerSecond.nullable().default(null),
});

/** The input of `importDump` with every default filled in. */
export type ImportDumpConfig = z.output<typeof importDumpSchema>;

const moment = z.iso.datetime({
  offset: true,
  error: 'must be a time such as "2026-11-24T18:00:00Z"',
});

/** Where backup files are, and which of them are wanted. */
export const backupSchema = z
  .strictObject({
    /** The folder of a backup, or a folder that contains the folders of several. */
    path,
    host,
    /** The name of a bucket in the worker's configuration that contains `path`. */
    bucket: name.nullable().default(null),
    /** The database, if the folder contains backups of several. */
    database: name.nullable().default(null),
    /** Later files are left out. Compared with the times in file names, which are in the server's local time. */
    upTo: moment.nullable().default(null),
  })
  .refine(({ bucket, host: holder }) => bucket === null || holder === null, {
    path: ['host'],
    error: 'is only for folders of a worker; any worker can read a bucket',
  });

const importBackupSchema = z.strictObject({
  backup: backupSchema,
  target: targetSchema,
  encryptionKey,
  maxItemsPerSecond: itemsPerSecond.nullable().default(null),
});

/** The input of `importBackup` with every default filled in. */
export type ImportBackupConfig = z.output<typeof importBackupSchema>;

/** Checks the argument of `exportDatabase`. */
export function parseExportDatabase(input: unknown): Parsed<ExportDatabaseConfig> {
  return parse(exportDatabaseSchema, input, 'exportDatabase');
}

/** Checks the argument of `importDump`. */
export function parseImportDump(input: unknown): Parsed<ImportDumpConfig> {
  return parse(importDumpSchema, input, 'importDump');
}

/** Checks the argument of `importBackup`. */
export function parseImportBackup(input: unknown): Parsed<ImportBackupConfig> {
  return parse(importBackupSchema, input, 'importBackup');
}
