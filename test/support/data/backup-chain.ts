/** Backups that follow one another, of a database that changes between them, in a folder as an operator has it. */
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import type { Stack } from '../servers/stack.ts';
import { type BackupStart, fullBackup, incrementalBackup, type MadeBackup } from './backups.ts';
import { changes } from './changes.ts';
import { createDatabase, putItems } from './databases.ts';
import { createEverything } from './everything.ts';

/** A folder for backups that holds none yet. */
export async function backupFolder(stack: Stack, prefix = 'backups'): Promise<string> {
  const path = join(stack.directory, stack.databaseName(prefix));
  await mkdir(path, { recursive: true });
  return path;
}

/** What a file is called in results: with its folder. */
export function named(file: string): string {
  return join(basename(dirname(file)), basename(file));
}

/** A full backup, and the incremental ones that have been added to it. */
export class BackupChain {
  readonly #raven: RavenConnection;
  readonly database: string;
  readonly #made: MadeBackup[];

  private constructor(raven: RavenConnection, database: string, full: MadeBackup) {
    this.#raven = raven;
    this.database = database;
    this.#made = [full];
  }

  /** Makes the full backup. @param path in which RavenDB makes the folder of the backup */
  static async begin(raven: RavenConnection, database: string, path: string): Promise<BackupChain> {
    return new BackupChain(raven, database, await fullBackup(raven, database, path));
  }

  /** The files, with their folders. */
  get files(): string[] {
    return this.#made.map(({ file }) => file);
  }

  /** What results call them. */
  get names(): string[] {
    return this.files.map(named);
  }

  /** The folder of the full backup, in which all its files lie. */
  get folder(): string {
    return this.last.folder;
  }

  /** Where the first incremental backup begins. */
  get afterFull(): BackupStart {
    return (this.#made[0] as MadeBackup).next;
  }

  /** The last file, and where the next one begins. */
  get last(): MadeBackup {
    return this.#made.at(-1) as MadeBackup;
  }

  /** Makes the next incremental backup. @returns what results call it */
  async add(): Promise<string> {
    const { folder, next } = this.last;
    this.#made.push(await incrementalBackup(this.#raven, this.database, folder, next));
    return named(this.last.file);
  }
}

/** A database of one item, its full backup, and an incremental one for each further item. */
export async function smallChain(stack: Stack, path: string, incrementals: number): Promise<BackupChain> {
  const database = stack.databaseName('small');
  await createDatabase(stack.raven, database);
  await putItems(stack.raven, database, 1);
  const chain = await BackupChain.begin(stack.raven, database, path);
  for (let n = 1; n <= incrementals; n++) await grow(stack, chain, n);
  return chain;
}

/** Writes items from a number on and makes the next incremental backup. @returns what results call it */
export async function grow({ raven }: Stack, chain: BackupChain, from: number, count = 1): Promise<string> {
  await putItems(raven, chain.database, count, from);
  return await chain.add();
}

/** A database of every kind of item, its full backup, and incremental ones that hold all changes between them. */
export async function everyKindChain(
  stack: Stack,
  path: string,
  { plain, incrementals }: { plain: number; incrementals: number },
): Promise<BackupChain> {
  const database = stack.databaseName('source');
  await createEverything(stack.raven, database, { plain });
  const chain = await BackupChain.begin(stack.raven, database, path);
  for (let file = 0; file < incrementals; file++) {
    for (const change of changes.filter((_, at) => at % incrementals === file))
      await change.apply(stack.raven, database);
    await chain.add();
  }
  return chain;
}
