/** RavenDB's external replication: what its answers mean, and when everything has arrived. */

import { formatCount } from '../text/format.ts';

/** Why replication is refused, and the alternative. */
export const NEEDS_LICENSE =
  'External replication needs a license with HasExternalReplication. Use migrateDatabase with method "stream": it ' +
  'keeps the target up to date too, and needs no license.';

/** Kinds of items in RavenDB's counts of what is still to be sent. Deleted attachments and revisions are not counted. */
const COUNTED = [
  'Documents',
  'DocumentTombstones',
  'Revisions',
  'Attachments',
  'CounterGroups',
  'TimeSeriesSegments',
  'TimeSeriesDeletedRanges',
] as const;

type Counts = { [Kind in (typeof COUNTED)[number] as `NumberOf${Kind}ToProcess`]?: number } & {
  [Kind in (typeof COUNTED)[number] as `TotalNumberOf${Kind}`]?: number;
};

/** One connection to a destination, in the answer of `GET replication/progress`. */
export interface ReplicationProcess extends Counts {
  /** Whether nothing that RavenDB counts is left. */
  Completed: boolean;
  /** Etag up to which the destination has confirmed everything. */
  LastEtagSent: number;
}

/** A task in the answer of `GET replication/progress`, which lists connected tasks only. */
export interface ReplicationProgress {
  TaskName: string;
  ProcessesProgress: ReplicationProcess[];
}

/** The fields that are used of the answer of `GET task`. */
export interface ReplicationTaskInfo {
  TaskState: string;
  TaskConnectionStatus: string;
  ResponsibleNode?: { NodeTag?: string | null } | null;
  Error?: string | null;
}

/** What a connected task has sent. */
export interface Sent {
  completed: boolean;
  lastEtag: number;
  /** Items that are still to be sent. */
  left: number;
  /** Items that the source holds. */
  total: number;
}

/** What the task of this name has sent; undefined while it is not connected. */
export function sentBy(tasks: readonly ReplicationProgress[], name: string): Sent | undefined {
  const processes = tasks
    .filter(({ TaskName }) => TaskName === name)
    .flatMap(({ ProcessesProgress }) => ProcessesProgress);
  if (processes.length === 0) return undefined;
  const sum = (count: (process: ReplicationProcess, kind: (typeof COUNTED)[number]) => number | undefined) =>
    processes.reduce(
      (all, process) => all + COUNTED.reduce((some, kind) => some + (count(process, kind) ?? 0), 0),
      0,
    );
  return {
    completed: processes.every(({ Completed }) => Completed),
    lastEtag: Math.min(...processes.map(({ LastEtagSent }) => LastEtagSent)),
    left: sum((process, kind) => process[`NumberOf${kind}ToProcess`]),
    total: sum((process, kind) => process[`TotalNumberOf${kind}`]),
  };
}

/**
 * Decides when everything up to an etag of the source has arrived. Twice in a row the task must have nothing left to
 * send and have reached the etag. Some etags are never reached: once a tombstone is cleaned up, no item has its etag,
 * even if it was the last one. So a task that has nothing left and was idle for long enough has arrived, too; the
 * comparison of both sides proves it.
 */
export class Arrival {
  readonly #etag: number;
  readonly #idleMs: number;
  #before: { reached: boolean; lastEtag: number; since: number } | undefined;

  /** @param idleMs how long a task with nothing left must be idle if it never reaches the etag */
  constructor(etag: number, idleMs: number) {
    this.#etag = etag;
    this.#idleMs = idleMs;
  }

  /** @param at milliseconds @returns whether everything has arrived */
  see(sent: Sent | undefined, at: number): boolean {
    const before = this.#before;
    if (!sent?.completed) {
      this.#before = undefined;
      return false;
    }
    const reached = sent.lastEtag >= this.#etag;
    const since = before?.lastEtag === sent.lastEtag ? before.since : at;
    this.#before = { reached, lastEtag: sent.lastEtag, since };
    return (reached && before?.reached === true) || at - since >= this.#idleMs;
  }
}

/** The task as people see it. */
export interface ReplicationHealth {
  /** What the task is doing, in words. */
  state: string;
  /** Items that are still to be sent; null while the task is not connected. */
  left: number | null;
  /** ISO time since which items are left to send; null when everything has arrived. */
  behindSince: string | null;
  /** ISO time at which it was last seen connected; null while it is, and when it never was. */
  lastContact: string | null;
  /** RavenDB's last error, without addresses. */
  error: string | null;
}

/** Whether the task is connected to its destination. */
export function isConnected(info: ReplicationTaskInfo | undefined, sent: Sent | undefined): boolean {
  return sent !== undefined && info?.TaskState !== 'Disabled';
}

/** What a task is doing, in words. */
export function describeTask(info: ReplicationTaskInfo | undefined, sent: Sent | undefined): string {
  if (!info) return 'the task does not exist';
  if (info.TaskState === 'Disabled') return 'disabled';
  if (sent) return sent.left > 0 ? 'sending' : 'connected';
  switch (info.TaskConnectionStatus) {
    case 'Active':
      return 'connected';
    case 'Reconnect':
      return 'cannot reach the target, retrying';
    case 'NotOnThisNode':
      return `running on node ${info.ResponsibleNode?.NodeTag ?? 'unknown'}`;
    default:
      return 'not connected yet';
  }
}

/** The task in one line. */
export function describeReplication(health: ReplicationHealth): string {
  const { state, left, behindSince, lastContact, error } = health;
  const parts = [state];
  if (left) parts.push(`${formatCount(left)} ${left === 1 ? 'item' : 'items'} left`);
  if (behindSince) parts.push(`behind since ${behindSince}`);
  if (lastContact) parts.push(`last contact ${lastContact}`);
  if (error) parts.push(`RavenDB says: ${error}`);
  return parts.join(', ');
}

/** Why nothing arrives now, without changing figures; undefined while the task is connected. */
export function replicationTrouble({ state, left, error }: ReplicationHealth): string | undefined {
  if (left !== null) return undefined;
  return error ? `${state}, RavenDB says: ${error}` : state;
}

const STACK_FRAME = /^\s+(?:at |---)/;
const EXCEPTION = /^.*\b\w*Exception(?: \([^)]*\))?: /;

/** The message of the innermost exception in .NET's text of an exception and its stack. */
export function innermostMessage(text: string): string {
  const lines = text.split(/\r?\n/);
  const end = lines.findIndex((line) => STACK_FRAME.test(line) && !line.startsWith(' --->'));
  const head = (end < 0 ? lines : lines.slice(0, end)).filter((line) => line.trim() !== '');
  const last = head.findLast((line) => EXCEPTION.test(line)) ?? head[0] ?? '';
  return last.replace(EXCEPTION, '').trim();
}
