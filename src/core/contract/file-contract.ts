/** The public contract of the workflows that write and read files: dumps and backups. */
import { z } from 'zod';
import { itemsPerSecond, name, type Parsed, parse, sourceSchema, targetSchema } from './schemas.ts';

/** Kinds of items that a person may choose, by the names that RavenDB's export and import give them. */
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

/** RavenDB's own: JavaScript that may change a document (`this`) or leave it out (`throw 'skip'`). */
const transformScript = z.string().trim().min(1).nullable().default(null);

/** The name of a key in the configuration of the worker; the key itself never leaves it. */
export const encryptionKey = name.nullable().default(null);

/** A path on the worker: absolute, or from its `dumpDirectory` on. */
const path = name;

/** The worker's host that holds a file; without one, any worker takes the work, so the path must be shared. */
const host = name.nullable().default(null);

export const exportDatabaseSchema = z.strictObject({
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

export const importDumpSchema = z.strictObject({
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
    /** The folder of a backup, or the folder that holds the folders of many. */
    path,
    host,
    /** The name of a bucket in the configuration of the worker, in which `path` lies. */
    bucket: name.nullable().default(null),
    /** Whose backups, where the folder holds those of several databases. */
    database: name.nullable().default(null),
    /** Later files are left out. Compared with the times in the names of files, which are the server's local ones. */
    upTo: moment.nullable().default(null),
  })
  .refine(({ bucket, host: holder }) => bucket === null || holder === null, {
    path: ['host'],
    error: 'is for folders of a worker; a bucket is read by any worker',
  });

export const importBackupSchema = z.strictObject({
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
