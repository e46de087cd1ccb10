/** An import of backups whose worker dies again and again: the same tests with any number of deaths. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunProgress } from '../../../src/core/run/progress.ts';
import type { ImportResult } from '../../../src/core/run/results.ts';
import { readLedger } from '../../../src/engine/prepare/import-ledger.ts';
import { readNotes } from '../../../src/engine/prepare/notes.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { backupFolder, everyKindChain } from '../data/backup-chain.ts';
import { differencesFromFile } from '../oracle/compare.ts';
import { Stack, until } from '../servers/stack.ts';
import { type Started, startByCli } from '../servers/temporal-cli.ts';

/** A full backup and incremental ones. */
const FILES = 4;
/** Slow enough for a kill to strike where it shall. */
const ITEMS_PER_SECOND = 300;
const TIMEOUT_MS = 400_000;

/** An import that is killed. */
interface Victim {
  run: Started<ImportResult>;
  database: string;
}

/** When workers die, by the numbers of the moments below. */
export interface Deaths {
  /** After which a worker of the same host goes on. */
  sameHost: readonly number[];
  /** After which one of another host does: nobody tells Temporal of these, so that each takes a while. */
  otherHost: readonly number[];
}

/** How many moments there are. */
export const MOMENTS = 11;

/** Declares the tests. */
export function killedImports({ sameHost, otherHost }: Deaths): void {
  let stack: Stack;
  let source: string;
  let path: string;
  let files: string[];

  beforeAll(async () => {
    stack = await Stack.open();
    path = await backupFolder(stack);
    const chain = await everyKindChain(stack, path, { plain: 300, incrementals: FILES - 1 });
    source = chain.database;
    files = chain.names;
  });
  afterAll(() => stack.close());

  /** The file of this number is being imported, as far as the progress tells. */
  function imports(file: number) {
    return async ({ run }: Victim) => {
      const { transferred } = await run.handle.query<RunProgress>('progress');
      return transferred?.doing === `importing file ${file} of ${FILES}`;
    };
  }

  /** The target keeps ids for the deletions of the file of this number, or holds that file. */
  function begins(file: number) {
    return async ({ database }: Victim) => {
      for await (const _ of readNotes(new Database(stack.raven, database), `ids/${files[file - 1]}/`))
        return true;
      return (await ledgerOf(database)).length >= file;
    };
  }

  /** So many files are on the target. */
  function holds(count: number) {
    return async ({ database }: Victim) => (await ledgerOf(database)).length >= count;
  }

  async function ledgerOf(database: string): Promise<string[]> {
    return (await readLedger(new Database(stack.raven, database)))?.files ?? [];
  }

  /** When a kill comes: what holds then, and how much later. */
  const moments: [string, (victim: Victim) => Promise<boolean>, number][] = [
    ['the full backup is on its way', imports(1), 500],
    ['the full backup is there', holds(1), 0],
    ['the deletions of file 2 begin', begins(2), 0],
    ['file 2 is on its way', begins(2), 700],
    ['file 2 is there', holds(2), 0],
    ['the deletions of file 3 begin', begins(3), 0],
    ['the deletions of file 3 are applied', begins(3), 150],
    ['file 3 is on its way', begins(3), 500],
    ['file 3 is there', holds(3), 0],
    ['the deletions of file 4 are applied', begins(4), 100],
    ['file 4 is on its way', begins(4), 300],
  ];

  test(
    'on a worker of the same host, or of another one with another directory for dumps',
    async () => {
      const environment = (host: number): NodeJS.ProcessEnv => ({
        SHARDLIFT_HOST: `host-${host}`,
        SHARDLIFT_DUMP_DIRECTORY: join(stack.directory, `dumps-${host}`),
      });
      let host = 0;
      let worker = await stack.startWorker(environment(host));
      const database = stack.databaseName('target');
      const run = await startByCli<ImportResult>(stack, 'importBackup', {
        backup: { path },
        target: { connection: 'local', database, shards: 2 },
        maxItemsPerSecond: ITEMS_PER_SECOND,
      });
      const victim = { run, database };
      const isRunning = async () => (await run.handle.describe()).status.name === 'RUNNING';
      let kills = 0;
      for (const [at, [moment, holdsNow, later]] of moments.entries()) {
        if (![...sameHost, ...otherHost].includes(at)) continue;
        await until(moment, async () => (await holdsNow(victim).catch(() => false)) || !(await isRunning()));
        await sleep(later);
        await worker.kill();
        if (!(await isRunning())) break;
        if (otherHost.includes(at)) host++;
        worker = await stack.startWorker(environment(host));
        kills++;
      }
      const result = await run.result();
      expect(kills).toBeGreaterThanOrEqual((sameHost.length + otherHost.length) / 2);
      expect(result.files).toEqual(files);
      expect(await ledgerOf(database)).toEqual(files);
      expect(await differencesFromFile(stack.raven, source, database)).toEqual([]);
    },
    TIMEOUT_MS,
  );
}
