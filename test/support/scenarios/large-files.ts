/** What a worker takes to import many files, or a large one: the same tests at any scale. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ImportResult } from '../../../src/core/run/results.ts';
import { readLedger } from '../../../src/engine/prepare/import-ledger.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { Application } from '../data/application.ts';
import { BackupChain, backupFolder } from '../data/backup-chain.ts';
import { bigContent, writeBigDump } from '../data/big-dump.ts';
import { createDatabase } from '../data/databases.ts';
import { differencesFromFile } from '../oracle/compare.ts';
import { Stack } from '../servers/stack.ts';
import { startByCli } from '../servers/temporal-cli.ts';

const MEGABYTE = 1_000_000;
/** What a worker may take, and how much more of it for more or larger files. */
const PEAK = 350 * MEGABYTE;
const GROWTH = 60 * MEGABYTE;
const TIMEOUT_MS = 600_000;

const CHANGED = 20;
const ATTACHMENT_BYTES = 10 * MEGABYTE;

/** How much there is to import. */
export interface Scale {
  /** A full backup and incremental ones. */
  files: number;
  /** In a dump, of ten megabytes each: together more than what a worker may take in addition. */
  attachments: number;
}

/** Declares the tests. */
export function largeFiles({ files, attachments }: Scale): void {
  let stack: Stack;
  let source: string;
  let path: string;
  let chain: BackupChain;
  /** The peak of a worker that imports two small files. */
  let usual: number;

  beforeAll(async () => {
    stack = await Stack.open();
    source = stack.databaseName('source');
    await createDatabase(stack.raven, source);
    await change(0);
    path = await backupFolder(stack);
    chain = await BackupChain.begin(stack.raven, source, path);
    await grow(1);
    const { result, peak } = await imported('importBackup', { backup: { path } });
    expect(result.files).toHaveLength(2);
    usual = peak;
  });
  afterAll(() => stack.close());

  /** Does a little of each kind of thing. */
  async function change(n: number): Promise<void> {
    const application = new Application(stack.raven, source);
    const numbers = Array.from({ length: CHANGED }, (_, at) => n * CHANGED + at);
    await application.putAll(
      numbers.map((each) => [`items/${each}`, `{"n":${each},"@metadata":{"@collection":"Items"}}`]),
    );
    await application.attach(`items/${n * CHANGED}`, 'note', `attached in ${n}`);
    await application.increment(`items/${n * CHANGED}`, { likes: n + 1 });
    if (n > 0) await application.delete(`items/${n * CHANGED - 1}`);
  }

  /** Makes the next incremental file. */
  async function grow(n: number): Promise<void> {
    await change(n);
    await chain.add();
  }

  /** Imports with a worker of its own. @returns the most memory that this worker took, too */
  async function imported(type: string, input: object, shards = 2) {
    // as `npm run worker` and the image do
    const worker = await stack.startWorker({
      NODE_OPTIONS: '--max-semi-space-size=2',
      MALLOC_ARENA_MAX: '2',
    });
    try {
      const database = stack.databaseName('target');
      const target = { connection: 'local', database, shards };
      const run = await startByCli<ImportResult>(stack, type, { ...input, target });
      const result = await run.result();
      return { database, result, peak: await peakOf(worker.child.pid) };
    } finally {
      await worker.stop();
    }
  }

  /** What grows with the files grows each time; when garbage is collected differs from time to time. */
  async function staysFlat(first: number, again: () => Promise<{ peak: number }>): Promise<void> {
    expect(first).toBeLessThan(PEAK);
    const peak = first < usual + GROWTH ? first : (await again()).peak;
    expect(peak).toBeLessThan(PEAK);
    expect(peak).toBeLessThan(usual + GROWTH);
  }

  test(
    `over a full backup and ${files - 1} incremental files`,
    async () => {
      for (let n = 2; n < files; n++) await grow(n);
      const { database, result, peak } = await imported('importBackup', { backup: { path } });
      expect(result.files).toHaveLength(files);
      expect(new Set(result.files).size).toBe(files);
      const ledger = await readLedger(new Database(stack.raven, database));
      expect(ledger?.files).toEqual(result.files);
      expect(await differencesFromFile(stack.raven, source, database)).toEqual([]);
      await staysFlat(peak, () => imported('importBackup', { backup: { path } }));
    },
    TIMEOUT_MS,
  );

  test(
    `over a dump of ${(attachments * ATTACHMENT_BYTES) / MEGABYTE} MB`,
    async () => {
      const file = join(stack.directory, 'big.ravendbdump');
      await writeBigDump(file, { count: attachments, size: ATTACHMENT_BYTES });
      const { database, result, peak } = await imported('importDump', { dump: { path: file } });
      expect(result).toMatchObject({ items: { documents: attachments }, documentsCompared: attachments });
      for (const n of [0, Math.floor(attachments / 2), attachments - 1]) {
        const there = await new Database(stack.raven, database).open({
          doing: 'Reading an attachment',
          path: `attachments?id=files/${n}&name=content`,
        });
        const chunks = await there.toArray();
        expect(Buffer.concat(chunks).equals(bigContent(n, ATTACHMENT_BYTES)), `files/${n}`).toBe(true);
      }
      await staysFlat(peak, () => imported('importDump', { dump: { path: file } }));
    },
    TIMEOUT_MS,
  );
}

/** The most memory that a process has taken so far, in bytes. */
async function peakOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
