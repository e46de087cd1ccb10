/** Backups for tests: full ones by RavenDB itself, and incremental ones, which it makes only with a license. */
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import type { RavenError } from '../../../src/ravendb/connection/errors.ts';
import { readPosition } from '../../../src/ravendb/requests/statistics.ts';

/** Where the next incremental backup begins; both are inclusive. */
export interface BackupStart {
  startEtag: number;
  startRaftIndex: number;
}

/** A backup that was made. */
export interface MadeBackup {
  /** The folder of the full backup, in which its incremental ones lie too. */
  folder: string;
  /** The file, with its folder. */
  file: string;
  next: BackupStart;
}

/** All that RavenDB puts into a backup. */
const TYPES = [
  'Indexes',
  'Documents',
  'RevisionDocuments',
  'Conflicts',
  'DatabaseRecord',
  'ReplicationHubCertificates',
  'Identities',
  'CompareExchange',
  'Attachments',
  'CounterGroups',
  'Subscriptions',
  'TimeSeries',
  'TimeSeriesDeletedRanges',
  'Tombstones',
  'CompareExchangeTombstones',
].join(',');
const POLL_MS = 50;

/**
 * Makes a full backup with RavenDB.
 * @param folder absolute; RavenDB makes the folder of the backup in it
 */
export async function fullBackup(
  raven: RavenConnection,
  database: string,
  folder: string,
): Promise<MadeBackup> {
  await mkdir(folder, { recursive: true });
  const next = await nextStart(raven, database);
  const before = new Set(await readdir(folder));
  await completed(raven, database, await startBackup(raven, database, folder));
  const mine = `.ravendb-${database}-`;
  const made = (await readdir(folder)).find((name) => !before.has(name) && name.includes(mine));
  if (!made) throw new Error(`RavenDB has made no folder for ${database} in ${folder}`);
  const [file = ''] = await readdir(join(folder, made));
  return { folder: join(folder, made), file: join(folder, made, file), next };
}

/** A small server makes one backup at a time, and other tests may want one. */
async function startBackup(raven: RavenConnection, database: string, folder: string): Promise<number> {
  for (;;) {
    try {
      const { OperationId } = await new Database(raven, database).json<{ OperationId: number }>({
        doing: 'Backing up',
        method: 'POST',
        path: 'admin/backup',
        json: { BackupType: 'Backup', LocalSettings: { FolderPath: folder } },
      });
      return OperationId;
    } catch (error) {
      if ((error as RavenError).kind !== 'BackupDelayException') throw error;
      await sleep(POLL_MS);
    }
  }
}

/**
 * Makes what an incremental backup is, an export from a position on with all types and tombstones, under the name that
 * RavenDB would give it: later than all in the folder.
 * @param folder that of the full backup
 */
export async function incrementalBackup(
  raven: RavenConnection,
  database: string,
  folder: string,
  { startEtag, startRaftIndex }: BackupStart,
): Promise<MadeBackup> {
  const next = await nextStart(raven, database);
  const file = join(folder, `${await laterStamp(folder)}.ravendb-incremental-backup`);
  const { Id } = await new Database(raven, database).json<{ Id: number }>({
    doing: 'Opening an operation',
    path: 'operations/next-operation-id',
  });
  const query = `operationId=${Id}&startEtag=${startEtag}&startRaftIndex=${startRaftIndex}`;
  const dump = await new Database(raven, database).open({
    doing: 'Exporting',
    method: 'POST',
    path: `smuggler/export?${query}`,
    body: JSON.stringify({ OperateOnTypes: TYPES, IncludeArtificial: true }),
    headers: { 'Content-Type': 'application/json' },
  });
  await pipeline(dump, createWriteStream(`${file}.in-progress`));
  await completed(raven, database, Id);
  await rename(`${file}.in-progress`, file);
  return { folder, file, next };
}

/** What is written from now on comes into the next incremental backup; what is written meanwhile into both. */
async function nextStart(raven: RavenConnection, database: string): Promise<BackupStart> {
  const { etag, raftIndex } = await readPosition(new Database(raven, database));
  return { startEtag: etag + 1, startRaftIndex: raftIndex + 1 };
}

/** The present second in the clock of this machine, or the second after the last backup of a folder. */
async function laterStamp(folder: string): Promise<string> {
  const files = [basename(folder), ...(await readdir(folder))];
  const newest = files.map((name) => name.slice(0, 19)).sort((a, b) => (a < b ? -1 : 1));
  const [year = 0, month = 1, day = 1, ...clock] = (newest.at(-1) ?? '').split('-').map(Number);
  const [hour = 0, minute = 0, second = 0] = clock;
  const next = new Date(year, month - 1, day, hour, minute, second + 1);
  return stampOf(new Date(Math.max(Date.now(), next.getTime())));
}

/** As RavenDB names a backup that begins at a time: in local time. */
function stampOf(time: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())];
  return [...date, two(time.getHours()), two(time.getMinutes()), two(time.getSeconds())].join('-');
}

async function completed(raven: RavenConnection, database: string, operation: number): Promise<void> {
  for (;;) {
    const { Status, Result } = await new Database(raven, database).json<{
      Status: string;
      Result?: { Message?: string };
    }>({
      doing: 'Waiting for an operation',
      path: `operations/state?id=${operation}`,
    });
    if (Status === 'Completed') return;
    if (Status !== 'InProgress') throw new Error(`The operation is ${Status}: ${Result?.Message}`);
    await sleep(POLL_MS);
  }
}
