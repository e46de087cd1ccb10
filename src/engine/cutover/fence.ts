/**
 * A fence around a database: its name is closed, so that the server itself refuses every request to it, and its storage is
 * open under a name that only Shardlift knows. The fence stands and falls in a tenth of a second, and loses no acknowledged
 * write. The protocol avoids what was seen to destroy or hide data (docs/decisions.md): never are both names open, no record
 * is left that could delete files, and nothing is believed that the server only answers.
 */

import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseRef } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import type { FencedStorage, FencePlan } from '../../core/cutover/fence.ts';
import { askEach } from '../../ravendb/connection/ask-each.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { isRefusal, RavenError } from '../../ravendb/connection/errors.ts';
import { databaseRecord, storageHandles } from '../../ravendb/requests/databases.ts';
import {
  closableRecord,
  closeDatabase,
  forgetName,
  lockDatabase,
  openDatabase,
  openStorage,
  storageFolder,
} from '../../ravendb/requests/fencing.ts';
import { fullVersion } from '../../ravendb/requests/server.ts';
import { storageStats } from '../../ravendb/requests/statistics.ts';
import type { Work } from '../work/work.ts';

/** The name under which the storage of a database is open. It sorts after the name of the database. */
function aliasOf(database: string): string {
  return `${database.replace('$', '-shard-')}-shardlift-fence-${markOf(database)}`;
}

/** Whether a name is the one of a storage behind a fence, or of a carrier. */
export function isFencesOwn(database: string): boolean {
  return /-shardlift-(?:fence|carrier)-[0-9a-f]{12}$/.test(database);
}

/** What tells the names that we make for one database from those for another; the same each time. */
export function markOf(database: string): string {
  return createHash('sha256').update(database.toLowerCase()).digest('hex').slice(0, 12);
}

/** Looks at a database that is open, and says how it is fenced. Changes nothing. @throws RavenError */
export async function planFence(work: Work, ref: DatabaseRef): Promise<FencePlan> {
  const database = work.database(ref);
  const [record, closable, build] = await Promise.all([
    databaseRecord(database),
    closableRecord(database),
    fullVersion(database.connection),
  ]);
  const handles = storageHandles(database, record ?? {});
  const storages = await askEach(database.http.tuning, handles, async ({ storage }) => {
    const [folder, { databaseId, lastEtag }] = await Promise.all([
      storageFolder(storage),
      storageStats(storage),
    ]);
    return { database: storage.name, alias: aliasOf(storage.name), folder, databaseId, lastEtag };
  });
  return { ...ref, lockMode: closable?.LockMode ?? 'Unlock', build, storages };
}

/**
 * Locks a database against deletion: whoever deletes it while its storage is open elsewhere deletes the files of both.
 * @throws RavenError
 */
export async function lockFenced(work: Work, plan: FencePlan): Promise<void> {
  await lockDatabase(work.database(plan), 'PreventDeletesError');
}

/**
 * Raises the fence around a database that is locked. When it cannot be raised whole, it is undone.
 * @returns the last etag of each storage, in their order: nothing is written to them any more
 * @throws RavenError
 */
export async function raiseFence(work: Work, plan: FencePlan): Promise<number[]> {
  const database = work.database(plan);
  try {
    await assertSameBuild(database, plan);
    await believing(closeDatabase(database));
    await until(work, 'closed', async () => (await closableRecord(database))?.Disabled === true);
    return await askEach(database.http.tuning, plan.storages, (storage) => openBehind(work, plan, storage));
  } catch (error) {
    // who ends this work undoes the fence, too
    if (!work.signal.aborted) await lowerFence(work, plan);
    throw error;
  }
}

/** Opens a storage under its other name, and makes sure that it is the one that was closed. */
async function openBehind(work: Work, plan: FencePlan, storage: FencedStorage): Promise<number> {
  const alias = aliased(work, plan, storage);
  await openStorage(alias, storage.folder).catch((error) => {
    if (isRefusal(error)) throw error;
  });
  // the database may still be letting go of its storage: the other name is there then, and opens when it is asked again
  const { databaseId, lastEtag } = await until(work, 'up', () => storageStats(alias));
  if (databaseId === storage.databaseId && lastEtag >= storage.lastEtag) return lastEtag;
  throw new RavenError(
    `The storage of "${storage.database}" is not where the server said: its folder holds another one. The fence was undone.`,
    { kind: failures.fenceMisplaced, retryable: false },
  );
}

/**
 * Lowers the fence, from whatever a crash, a hand or a restart of the server has made of it: first the other names go, then
 * the database opens. May be repeated.
 * @throws RavenError that is not retryable when the database is open and holds another storage than the one that was closed
 */
export async function lowerFence(work: Work, plan: FencePlan): Promise<void> {
  const database = work.database(plan);
  await closeAliases(work, plan);
  await believing(openDatabase(database));
  await until(work, 'open', async () => (await closableRecord(database))?.Disabled !== true);
  // the record may say so of a database that could not be loaded
  const opened = await until(work, 'down', async () => {
    // a name that a crash has left in the cluster's log as a command appears only now, and keeps the storage from opening
    await closeAliases(work, plan);
    const { tuning } = database.http;
    return await askEach(tuning, plan.storages, (storage) => storageStats(shardOrSelf(work, plan, storage)));
  });
  await lockDatabase(database, plan.lockMode);
  const other = plan.storages.find(({ databaseId }, at) => databaseId !== opened[at]?.databaseId);
  if (other)
    throw new RavenError(
      `"${other.database}" is open, and holds another storage than before the fence. Look for the one that it had in "${other.folder}" and beside it, before anybody writes.`,
      { kind: failures.fenceMisplaced, retryable: false },
    );
}

/**
 * Makes sure that a database is still closed. Who opens it by hand is told that it failed, for its storage is open elsewhere;
 * RavenDB notes all the same that it is to be open, and opens it once it can.
 * @throws RavenError
 */
export async function assertClosed(
  work: Work,
  plan: FencePlan,
  { retryable }: { retryable: boolean },
): Promise<void> {
  if ((await closableRecord(work.database(plan)))?.Disabled === true) return;
  throw new RavenError(
    `"${plan.database}" was opened by hand, although its cutover keeps it closed: disable it.`,
    {
      kind: failures.fenceUndone,
      retryable,
    },
  );
}

/**
 * Closes the other names only: the database stays closed under its own. May be repeated.
 * @throws RavenError
 */
export async function closeBehindFence(work: Work, plan: FencePlan): Promise<void> {
  const database = work.database(plan);
  // it may have been opened by hand, which takes effect when the other names are gone
  await believing(closeDatabase(database));
  await until(work, 'closed', async () => (await closableRecord(database))?.Disabled === true);
  await closeAliases(work, plan);
  await lockDatabase(database, plan.lockMode);
}

async function closeAliases(work: Work, plan: FencePlan): Promise<void> {
  const { tuning } = work.database(plan).http;
  await askEach(tuning, plan.storages, (storage) => closeAlias(work, aliased(work, plan, storage)));
}

async function closeAlias(work: Work, alias: Database): Promise<void> {
  await until(work, 'gone', async () => {
    if (!(await closableRecord(alias))) return true;
    await lockDatabase(alias, 'Unlock');
    await forgetName(alias);
    return false;
  });
}

async function assertSameBuild({ connection }: Database, { build }: FencePlan): Promise<void> {
  const now = await fullVersion(connection);
  if (now === build) return;
  throw new RavenError(
    `The server was RavenDB ${build} when the fence was planned, and is ${now} now: plan it again.`,
    {
      kind: failures.fenceOutdated,
      retryable: false,
    },
  );
}

/** A storage behind a fence, by the name under which it is open. @throws RavenError for an unknown connection */
export function aliased(work: Work, { connection }: DatabaseRef, { alias }: FencedStorage): Database {
  return work.database({ connection, database: alias });
}

function shardOrSelf(work: Work, { connection }: DatabaseRef, { database }: FencedStorage): Database {
  return work.database({ connection, database });
}

/** The answer is not what counts: what the record says afterwards is. */
async function believing(request: Promise<void>): Promise<void> {
  await request.catch(() => undefined);
}

const LOOK_EVERY_MS = 20;
const PATIENCE_MS = 15_000;

/** Asks until there is an answer other than "no". A refusal is taken for "not yet". @throws RavenError with the last reason */
async function until<T>(work: Work, what: string, ask: () => Promise<T | false>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  let reason = '';
  for (;;) {
    const answer = await ask().catch((error: Error) => {
      reason = error.message;
      return false as const;
    });
    if (answer !== false) return answer;
    if (Date.now() > deadline)
      throw new RavenError(`The fence is not ${what} yet: ${reason}`, {
        kind: 'FenceStuck',
        retryable: true,
      });
    await sleep(LOOK_EVERY_MS, undefined, { signal: work.signal });
  }
}
