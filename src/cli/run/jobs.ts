/** What the commands start besides migrations: from their options to a workflow type and its input. */
import { parseSyncDatabase } from '../../core/contract/contract.ts';
import {
  parseExportDatabase,
  parseImportBackup,
  parseImportDump,
} from '../../core/contract/file-contract.ts';
import { parseVerifyDatabases } from '../../core/contract/verify-contract.ts';
import { CliError } from '../terminal/cli-error.ts';
import { exitCodes } from '../terminal/exit-codes.ts';
import {
  checkedInput,
  type Fields,
  fileFields,
  given,
  number,
  overlay,
  place,
  type TargetOptions,
  targetFields,
} from './fields.ts';
import {
  defaultWorkflowId,
  type InputOptions,
  migrationInput,
  migrationSummary,
  type Sides,
} from './input.ts';
import type { Start } from './start.ts';

/** What is started, wherever: a workflow type, its input, a line for lists, and its usual id. */
export type Job = Pick<Start, 'type' | 'input' | 'summary' | 'workflowId'>;

/** The job of `shardlift plan`. @throws CliError that names every field at fault; so do the others */
export function planJob(options: InputOptions): Job {
  const input = migrationInput(options, 'plan');
  return {
    type: 'planMigration',
    input,
    summary: migrationSummary(input),
    workflowId: defaultWorkflowId('plan', input),
  };
}

/** The options of `shardlift verify`. */
export interface VerifyOptions {
  source?: string;
  target?: string;
  depth?: string;
  sampleSize?: string;
  allowExtra?: boolean;
  repair?: boolean;
  maxItemsPerSecond?: string;
  inputFile?: string;
}

/** The job of `shardlift verify`. */
export function verifyJob(options: VerifyOptions): Job {
  const { depth, allowExtra, repair } = options;
  const file = fileFields(options.inputFile);
  const fields = {
    ...file,
    ...overlay('source', file, place('--source', options.source)),
    ...overlay('target', file, place('--target', options.target)),
    ...given({
      depth,
      sampleSize: number(options.sampleSize),
      allowExtra,
      repair: repair ? 'ask' : undefined,
      maxItemsPerSecond: number(options.maxItemsPerSecond),
    }),
  };
  const example = 'verify --source prod/Shop --target prod/ShopSharded';
  const input = checkedInput(fields, parseVerifyDatabases(fields), example);
  const [source, target] = [databaseOf(input.source), databaseOf(input.target)];
  return {
    type: 'verifyDatabases',
    input,
    summary: `${source} = ${target}?`,
    workflowId: `verify-${source}-and-${target}`,
  };
}

/** The options of `shardlift sync`. */
export interface SyncOptions extends TargetOptions {
  source?: string;
  maxItemsPerSecond?: string;
  inputFile?: string;
}

/** The job of `shardlift sync`. */
export function syncJob(options: SyncOptions): Job {
  const file = fileFields(options.inputFile);
  const fields = {
    ...file,
    ...overlay('source', file, place('--source', options.source)),
    ...targetFields(file, options),
    ...given({ maxItemsPerSecond: number(options.maxItemsPerSecond) }),
  };
  const example = 'sync --source prod/Shop --target prod/ShopCopy --shards 3';
  const input = checkedInput(fields, parseSyncDatabase(fields), example);
  const sides = input as Sides;
  return {
    type: 'syncDatabase',
    input,
    summary: migrationSummary(sides),
    workflowId: defaultWorkflowId('sync', sides),
  };
}

/** The options of `shardlift export`. */
export interface ExportOptions {
  source?: string;
  directory?: string;
  types?: string;
  collections?: string;
  compression?: string;
  encryptionKey?: string;
  inputFile?: string;
}

/** The job of `shardlift export`. */
export function exportJob(options: ExportOptions): Job {
  const { directory, compression, encryptionKey } = options;
  const file = fileFields(options.inputFile);
  const fields = {
    ...file,
    ...overlay('source', file, place('--source', options.source)),
    ...given({ directory, compression, encryptionKey }),
    ...given({ types: names(options.types), collections: names(options.collections) }),
  };
  const input = checkedInput(fields, parseExportDatabase(fields), 'export --source prod/Shop');
  const source = databaseOf(input.source);
  return {
    type: 'exportDatabase',
    input,
    summary: `${source} -> dump`,
    workflowId: `export-${source}`,
  };
}

/** The options of `shardlift import`. */
export interface ImportOptions extends TargetOptions {
  dump?: string;
  backup?: string;
  host?: string;
  bucket?: string;
  database?: string;
  upTo?: string;
  types?: string;
  collections?: string;
  encryptionKey?: string;
  maxItemsPerSecond?: string;
  inputFile?: string;
}

/** The job of `shardlift import`: of a dump, or of backups. */
export function importJob(options: ImportOptions): Job {
  const { encryptionKey, host, bucket, database, upTo } = options;
  const file = fileFields(options.inputFile);
  const files = {
    ...overlay('dump', file, given({ path: options.dump })),
    ...overlay('backup', file, given({ path: options.backup })),
  };
  const both = { ...file, ...files };
  const [kind, ...more] = (['dump', 'backup'] as const).filter((each) => each in both);
  if (!kind || more.length > 0) {
    const problem =
      'An import needs either --dump or --backup: the path of a dump, or of a folder of backups.';
    throw new CliError(problem, undefined, exitCodes.usage);
  }
  const fields: Fields = {
    ...both,
    ...overlay(kind, both, given({ host, bucket, database, upTo })),
    ...targetFields(file, options),
    ...given({ encryptionKey, maxItemsPerSecond: number(options.maxItemsPerSecond) }),
    ...given({ types: names(options.types), collections: names(options.collections) }),
  };
  const parsed = kind === 'dump' ? parseImportDump(fields) : parseImportBackup(fields);
  const example = `import --${kind} /backups/Shop --target prod/ShopSharded --shards 3`;
  const input = checkedInput(fields, parsed, example);
  const target = databaseOf(input.target);
  return {
    type: kind === 'dump' ? 'importDump' : 'importBackup',
    input,
    summary: `${kind} -> ${target}`,
    workflowId: `import-into-${target}`,
  };
}

/** Names that are separated by commas. */
function names(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Of an input that was checked. */
function databaseOf(place: unknown): string {
  return (place as { database: string }).database.trim();
}
