/** The public contract of the workflows that write and read files: dumps and backups. */
import { z } from 'zod';
import { name, type Parsed, parse, sourceSchema, speedLimit, targetSchema } from './schemas.ts';

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
  .default([...itemTypes])
  .describe('Kinds of items.');

const collections = z
  .array(name)
  .min(1)
  .nullable()
  .default(null)
  .describe('Collections, by name; `null`: all.');

const transformScript = name
  .nullable()
  .default(null)
  .describe('JavaScript for each document: changes `this`, or leaves it out by `throw "skip"`.');

/** The key itself never leaves the worker. */
export const encryptionKey = name
  .nullable()
  .default(null)
  .describe("A key of the worker's configuration, by its name; `null`: not encrypted.");

const path = name;

const host = name
  .nullable()
  .default(null)
  .describe('The host of the worker that has the files; `null`: any worker, so the path must be shared.');

/** The one argument of `exportDatabase`. */
export const exportDatabaseSchema = z.strictObject({
  source: sourceSchema.describe('The database to export, sharded or not.'),
  directory: path
    .default('.')
    .describe('Where `<database>/<time>/` goes: absolute, or relative to `dumpDirectory` of the worker.'),
  types,
  collections,
  transformScript,
  compression: z.enum(['zstd', 'gzip']).default('zstd').describe('How the dump is compressed.'),
  encryptionKey,
});

/** The input of `exportDatabase` with every default filled in. */
export type ExportDatabaseConfig = z.output<typeof exportDatabaseSchema>;

/** The one argument of `importDump`. */
export const importDumpSchema = z.strictObject({
  dump: z.strictObject({
    path: path.describe('The file, or the folder of an export: absolute, or relative to `dumpDirectory`.'),
    host,
  }),
  target: targetSchema.describe('The sharded database, new or existing.'),
  types,
  collections,
  transformScript,
  encryptionKey,
  maxItemsPerSecond: speedLimit,
});

/** The input of `importDump` with every default filled in. */
export type ImportDumpConfig = z.output<typeof importDumpSchema>;

const moment = z.iso
  .datetime({
    offset: true,
    error: 'must be a time such as "2026-11-24T18:00:00Z"',
  })
  .meta({ title: 'time' });

/** Where backup files are, and which of them are wanted. */
export const backupSchema = z
  .strictObject({
    path: path.describe(
      'The folder of a backup, or one that holds the folders of several: absolute, or relative to `dumpDirectory`.',
    ),
    host,
    bucket: name
      .nullable()
      .default(null)
      .describe("A bucket of the worker's configuration, by its name, that holds `path`."),
    database: name.nullable().default(null).describe('The database, if the folder holds backups of several.'),
    upTo: moment
      .nullable()
      .default(null)
      .describe("Later files are left out. File names have the local time of RavenDB's server."),
  })
  .refine(({ bucket, host: holder }) => bucket === null || holder === null, {
    path: ['host'],
    error: 'is only for folders of a worker; any worker can read a bucket',
  });

/** The one argument of `importBackup`. */
export const importBackupSchema = z.strictObject({
  backup: backupSchema,
  target: targetSchema.describe('The sharded database, new or existing.'),
  encryptionKey,
  maxItemsPerSecond: speedLimit,
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
