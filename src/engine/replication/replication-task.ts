/** Sets up, watches and removes the replication task by which RavenDB copies the documents itself. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseRef } from '../../core/contract/contract.ts';
import { ownName } from '../../core/contract/own-names.ts';
import type { Position } from '../../core/copy/position.ts';
import type { Transfer } from '../../core/copy/transfer.ts';
import {
  Arrival,
  describeTask,
  isConnected,
  NEEDS_LICENSE,
  type ReplicationHealth,
  type Sent,
} from '../../core/replication/replication.ts';
import type { Transferred } from '../../core/run/progress.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import {
  createReplicationTask,
  type Destination,
  deleteConnectionString,
  deleteReplicationTask,
  disableReplicationTask,
  findReplication,
  lastReplicationError,
  putConnectionString,
  replicationTask,
  sentByTask,
} from '../../ravendb/requests/replication.ts';
import { storageStats } from '../../ravendb/requests/statistics.ts';
import { Pace } from '../work/meter.ts';
import { openPair, type Work } from '../work/work.ts';

/** Makes the source replicate into the target: creates what is missing and enables it. May be repeated. */
export async function startReplication(work: Work, transfer: Transfer): Promise<void> {
  await ensureReplication(work, transfer);
}

/** Disables the replication task; does nothing if there is none. */
export async function pauseReplication(work: Work, source: DatabaseRef): Promise<void> {
  const database = work.database(source);
  const { task } = await findReplication(database, replicationName(work.workflowId));
  if (task && !task.disabled) await disableReplicationTask(database, task.id, true);
}

/** Name of the task and of its connection string: each migration has its own. */
export function replicationName(workflowId: string): string {
  return ownName('Replication', workflowId);
}

/**
 * Ensures that the task exists, leads to the target and is enabled. So it also repairs what somebody has deleted or
 * disabled. Nothing is created twice: RavenDB refuses a second task of the same name.
 * @returns the task's id
 * @throws RavenError that is not retryable when the license does not allow it; then nothing is left on the source
 */
export async function ensureReplication(work: Work, transfer: Transfer): Promise<number> {
  const { source, target } = openPair(work, transfer);
  const name = replicationName(work.workflowId);
  const wanted = { database: target.name, urls: target.connection.replicationUrls };
  const { destination, task } = await findReplication(source, name);
  if (task && isSame(destination, wanted)) {
    if (task.disabled) await disableReplicationTask(source, task.id, false);
    return task.id;
  }
  // a task keeps the connection string that it was created with
  if (task) await deleteReplicationTask(source, task.id);
  if (!isSame(destination, wanted)) await putConnectionString(source, name, wanted);
  try {
    const options = { destination: target.name, node: transfer.from.nodeTag };
    return await createReplicationTask(source, name, options);
  } catch (error) {
    // a retryable error may also mean that another attempt has just created the task
    if (!(error instanceof RavenError) || error.retryable) throw error;
    await deleteConnectionString(source, name);
    const { kind, status } = error;
    if (kind !== 'LicenseLimitException') throw error;
    throw new RavenError(`${error.message.replace(/\.?$/, '.')} ${NEEDS_LICENSE}`, {
      kind,
      status,
      retryable: false,
    });
  }
}

/**
 * Waits until the target has everything up to a position, however long RavenDB cannot reach it. Reports the progress to
 * the workflow.
 * @throws RavenError when the source cannot be asked
 */
export async function awaitReplication(work: Work, transfer: Transfer, to: Position): Promise<void> {
  const position = transfer.from;
  const source = work.database(transfer.source);
  const name = replicationName(work.workflowId);
  const meter = new ReplicationMeter(work, position.etag === 0);
  let task = await ensureReplication(work, transfer);
  let node = to.nodeTag;
  let etag = to.etag;
  const { pauseMs, maxPauseMs, stillMs } = work.tuning.replication;
  let arrival = new Arrival(etag, stillMs);
  for (let pause = pauseMs; ; pause = Math.min(maxPauseMs, pause * 1.5)) {
    work.signal.throwIfAborted();
    const info = await replicationTask(source, task);
    if (!info || info.TaskState === 'Disabled') task = await ensureReplication(work, transfer);
    const worksOnIt = info?.ResponsibleNode?.NodeTag ?? node;
    if (worksOnIt !== node) {
      // each node has etags of its own
      node = worksOnIt;
      etag = (await storageStats(source, node)).lastEtag;
      arrival = new Arrival(etag, stillMs);
    }
    const sent = await sentByTask(source, name, node);
    const connected = isConnected(info, sent);
    const arrived = connected && arrival.see(sent, Date.now());
    const error = connected ? undefined : (info?.Error ?? (await lastReplicationError(source, name, node)));
    meter.report({
      state: describeTask(info, sent),
      sent: connected ? sent : undefined,
      lag: arrived ? 0 : Math.max(0, etag - (sent?.lastEtag ?? position.etag)),
      error,
    });
    if (arrived) return;
    await sleep(pause, undefined, { signal: work.signal });
  }
}

/** Removes the task and its connection string, if they exist. */
export async function removeReplication(work: Work, source: DatabaseRef): Promise<void> {
  await removeReplicationNamed(work.database(source), replicationName(work.workflowId));
}

/** The same by their name. @throws RavenError */
export async function removeReplicationNamed(database: Database, name: string): Promise<void> {
  const { destination, task } = await findReplication(database, name);
  if (task) await deleteReplicationTask(database, task.id);
  if (destination) await deleteConnectionString(database, name);
}

function isSame(destination: Destination | undefined, wanted: Destination): boolean {
  return destination?.database === wanted.database && destination.urls.join() === wanted.urls.join();
}

/** The state of the task at one moment. */
interface Look {
  state: string;
  /** Absent while the task is not connected. */
  sent?: Sent | undefined;
  /** Etags that the target lacks. */
  lag: number;
  error?: string | undefined;
}

/** Reports the state of a replication to the workflow whenever it has changed. */
class ReplicationMeter {
  readonly #work: Work;
  /** Whether this is the first copy, whose items are counted. */
  readonly #whole: boolean;
  readonly #startedAt = Date.now();
  #pace: Pace | undefined;
  #lastContact: string | null = null;
  #told = '';

  constructor(work: Work, whole: boolean) {
    this.#work = work;
    this.#whole = whole;
  }

  report({ state, sent, lag, error }: Look): void {
    const replication: ReplicationHealth = {
      state,
      left: sent?.left ?? null,
      behindSince: lag > 0 ? new Date(this.#startedAt).toISOString() : null,
      lastContact: sent ? null : this.#lastContact,
      error: error ?? null,
    };
    if (sent) this.#lastContact = new Date().toISOString();
    const transferred = sent && this.#whole ? this.#transferred(sent) : undefined;
    const report = { lag, replication, ...(transferred && { transferred }) };
    // each report adds events to the history: report only changes
    const text = JSON.stringify(report);
    if (text !== this.#told) this.#work.report(report);
    this.#told = text;
  }

  #transferred({ left, total }: Sent): Transferred {
    const items = total - left;
    this.#pace ??= new Pace(items);
    return {
      doing: 'replicating',
      items,
      totalItems: total,
      ...this.#pace.at(items, total),
      attempt: this.#work.attempt,
    };
  }
}
