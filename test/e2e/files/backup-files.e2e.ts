import { createReadStream } from 'node:fs';
import { cp, mkdir, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backupChain, chainFiles } from '../../../src/core/files/backup-files.ts';
import { type EtagRange, gapBetween, type Span, widen } from '../../../src/core/files/etag-spans.ts';
import { newFiles } from '../../../src/core/files/new-backup-files.ts';
import { decompressed } from '../../../src/ravendb/dump/dump-bytes.ts';
import { localStore } from '../../../src/stores/folder-store.ts';
import { BackupChain, backupFolder } from '../../support/data/backup-chain.ts';
import { fullBackup, incrementalBackup } from '../../support/data/backups.ts';
import { createDatabase, deleteDocument, putAttachment, putItems } from '../../support/data/databases.ts';
import { Stack } from '../../support/servers/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await Stack.open();
});
afterAll(() => stack.close());

/** A database whose name looks like the end of a folder's name, and where its backups go. */
async function shop(name = 'My.Shop-A-backup') {
  const database = stack.databaseName(name);
  await createDatabase(stack.raven, database);
  await putItems(stack.raven, database, 200);
  return { database, folder: await backupFolder(stack, `backups of ${database}`) };
}

/** A full backup and two incremental ones, with changes of each kind before each. */
async function backups(database: string, folder: string): Promise<BackupChain> {
  const chain = await BackupChain.begin(stack.raven, database, folder);
  for (const round of [1, 2]) {
    await putItems(stack.raven, database, 10, 1000 * round);
    await putItems(stack.raven, database, 5, 10 * round);
    await deleteDocument(stack.raven, database, `items/${round}`);
    await putAttachment(stack.raven, database, `items/${50 + round}`, 'file', `${round}`);
    await chain.add();
  }
  return chain;
}

async function chainIn(folder: string, wanted: { database?: string; upTo?: string } = {}) {
  const store = localStore(folder);
  return backupChain(await store.list(), { root: store.root, ...wanted });
}

/** The etags in a file, of all but revisions. */
async function spanOf(file: string): Promise<Span> {
  const chunks: Buffer[] = [];
  for await (const chunk of decompressed(createReadStream(file))) chunks.push(chunk);
  const dump = Buffer.concat(chunks).toString('latin1');
  const [revisions, tombstones] = [dump.indexOf('"RevisionDocuments":['), dump.indexOf('"Tombstones":[')];
  expect(revisions).toBeGreaterThan(0);
  expect(tombstones).toBeGreaterThan(revisions);
  const span: Record<string, EtagRange> = {};
  for (const part of [dump.slice(0, revisions), dump.slice(tombstones)]) {
    for (const [, found = ''] of part.matchAll(/"(?:@change-vector|ChangeVector)":"([^"]*)"/g))
      widen(span, found);
  }
  return span;
}

test('a backup of RavenDB is understood by its names', async () => {
  const { database, folder } = await shop();
  const made = await backups(database, folder);
  for (const above of [dirname(folder), folder, made.folder]) {
    const chain = await chainIn(above);
    expect(chain).toMatchObject({ database, problems: [], ignored: [], warnings: [] });
    expect(chainFiles(chain).map(({ path }) => join(above, path))).toEqual(made.files);
    expect(chain.full).toMatchObject({ kind: 'full', encrypted: false, legacy: false, nodeTag: 'A' });
    for (const { path, bytes } of chainFiles(chain)) {
      expect(bytes).toBe((await stat(join(above, path))).size);
      expect((await buffer(await localStore(above).open(path))).length).toBe(bytes);
    }
  }
});

test('the names hold the time of this machine, which `upTo` is compared with', async () => {
  const { database, folder } = await shop();
  const [full, first, second] = (await backups(database, folder)).files.map((file) => basename(file));
  const local = (file = '') => {
    const [, date, clock = ''] = /^(\d{4}-\d\d-\d\d)-(\d\d-\d\d-\d\d)\./.exec(file) ?? [];
    return `${date}T${clock.replaceAll('-', ':')}`;
  };
  // as the date of this machine without an offset is read: in its own zone
  expect(Math.abs(Date.now() - new Date(local(full)).getTime())).toBeLessThan(60_000);
  for (const [upTo, expected] of [
    [`${local(second)}Z`, [full, first, second]],
    [`${local(first)}+05:00`, [full, first]],
    [`${local(full)}Z`, [full]],
  ] as const) {
    const chain = await chainIn(folder, { upTo });
    expect(chain.problems).toEqual([]);
    expect(chainFiles(chain).map(({ path }) => basename(path))).toEqual(expected);
  }
});

test('a new full backup has a folder of its own and begins a new chain', async () => {
  const { database, folder } = await shop();
  const old = await backups(database, folder);
  const imported = chainFiles(await chainIn(folder)).map(({ name }) => name);
  expect(newFiles(await chainIn(folder), { files: imported })).toMatchObject({ files: [], problems: [] });

  const ledger = { files: imported.slice(0, 2) };
  const more = newFiles(await chainIn(folder), ledger);
  expect(more).toMatchObject({ newChain: false, problems: [], warnings: [] });
  expect(more.files).toHaveLength(1);

  // the incremental ones were given later seconds than those in which they were made
  await sleep(3_000);
  const next = await fullBackup(stack.raven, database, folder);
  expect(next.folder).not.toBe(old.folder);
  const chain = await chainIn(folder);
  expect(chain).toMatchObject({ problems: [], warnings: [], incrementals: [] });
  expect(join(folder, chain.full?.path ?? '')).toBe(next.file);
  expect(newFiles(chain, ledger)).toMatchObject({ newChain: true, problems: [] });

  // an incremental one of the older chain is newer than the newest full one
  const late = await incrementalBackup(stack.raven, database, old.folder, {
    startEtag: 1,
    startRaftIndex: 0,
  });
  await rename(late.file, join(late.folder, '2999-01-01-00-00-00.ravendb-incremental-backup'));
  const [problem] = (await chainIn(folder)).problems;
  expect(problem).toContain(`belongs to the full backup ${basename(old.folder)}/`);
  expect((await chainIn(old.folder)).problems).toEqual([]);
});

test('backups of several databases are told apart', async () => {
  const [one, other] = [await shop('One'), await shop('Other')];
  const made = await fullBackup(stack.raven, one.database, one.folder);
  await fullBackup(stack.raven, other.database, one.folder);
  const [problem] = (await chainIn(one.folder)).problems;
  expect(problem).toContain(`several databases (${one.database}, ${other.database})`);
  const chain = await chainIn(one.folder, { database: one.database.toUpperCase() });
  expect(chain).toMatchObject({ database: one.database, problems: [], warnings: [] });
  expect(join(one.folder, chain.full?.path ?? '')).toBe(made.file);
  expect(chain.ignored).toEqual([{ path: expect.stringContaining(other.database), why: 'other-database' }]);
});

test('etags tell files that follow one another from those that do not', async () => {
  const { database, folder } = await shop();
  const made = await backups(database, folder);
  const [full = {}, first = {}, second = {}] = await Promise.all(made.files.map(spanOf));
  expect(Object.keys(full)).toHaveLength(1);
  // each begins with the etag after the last one, since the very next write is still in it
  expect(gapBetween(full, first)).toEqual({ kind: 'none' });
  expect(gapBetween(first, second)).toEqual({ kind: 'none' });
  // without the one between there is a gap, but the same may come of documents that were written twice
  expect(gapBetween(full, second)).toMatchObject({ kind: 'unknown' });
  expect(gapBetween(second, first)).toEqual({ kind: 'not-later' });
  expect(gapBetween(first, first)).toEqual({ kind: 'not-later' });
  const again = await incrementalBackup(stack.raven, database, made.folder, made.afterFull);
  expect(gapBetween(full, await spanOf(again.file))).toEqual({ kind: 'none' });
  expect(gapBetween(first, await spanOf(again.file))).toEqual({ kind: 'overlap' });
  const nothing = await incrementalBackup(stack.raven, database, again.folder, again.next);
  expect(gapBetween(second, await spanOf(nothing.file))).toEqual({ kind: 'empty' });

  const stranger = await shop('Stranger');
  const foreign = await fullBackup(stack.raven, stranger.database, stranger.folder);
  expect(gapBetween(full, await spanOf(foreign.file))).toEqual({ kind: 'foreign' });
});

test('a folder that was copied elsewhere, under another name, is still understood', async () => {
  const { database, folder } = await shop();
  const made = await backups(database, folder);
  const copy = join(stack.directory, 'plain copy');
  await mkdir(copy);
  await cp(made.folder, copy, { recursive: true });
  const chain = await chainIn(copy, { database });
  expect(chain.problems).toEqual([]);
  expect(chain.warnings).toEqual([expect.stringContaining(`unknown whether they are of "${database}"`)]);
  expect(chainFiles(chain)).toHaveLength(3);
});
