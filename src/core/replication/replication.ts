/** RavenDB's external replication: what its answers mean, and when all has arrived. */

import { formatCount } from '../text/format.ts';

/** What it takes, and the way that does without. */
export const NEEDS_LICENSE =
  'External replication needs a license with HasExternalReplication. Use migrateDatabase with method "stream": it ' +
  'keeps the target in step too, and needs none.';

/** Kinds of item that RavenDB counts of what it has still to send. Deletions of attachments and revisions it does not. */
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

/** One connection to a destination, as `GET replication/progress` tells of it. */
export interface ReplicationProcess extends Counts {
  /** Whether nothing is left of what RavenDB counts. */
  Completed: boolean;
  /** Etag up to which the destination has confirmed everything. */
  LastEtagSent: number;
}

/** A task in the answer of `GET replication/progress`; only those that are connected are there. */
export interface ReplicationProgress {
  TaskName: string;
  ProcessesProgress: ReplicationProcess[];
}

/** The answer of `GET task`, as far as it is read. */
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
 * send and have reached the etag. Some etags are never reached: the source keeps counting from the etag of a deletion
 * when it has forgotten the deletion itself, and then no item has the last etag. So a task that has nothing left
 * and has stood still for long enough is taken to be there, too; the comparison of both sides proves it.
 */
export class Arrival {
  readonly #etag: number;
  readonly #stillMs: number;
  #before: { reached: boolean; lastEtag: number; since: number } | undefined;

  /** @param stillMs how long a task with nothing left must have stood still, when it does not reach the etag */
  constructor(etag: number, stillMs: number) {
    this.#etag = etag;
    this.#stillMs = stillMs;
  }

  /** Takes a look. @param at milliseconds @returns whether all has arrived */
  see(sent: Sent | undefined, at: number): boolean {
    const before = this.#before;
    if (!sent?.completed) {
      this.#before = undefined;
      return false;
    }
    const reached = sent.lastEtag >= this.#etag;
    const since = before?.lastEtag === sent.lastEtag ? before.since : at;
    this.#before = { reached, lastEtag: sent.lastEtag, since };
    return (reached && before?.reached === true) || at - since >= this.#stillMs;
  }
}

/** What people see of the task. */
export interface ReplicationHealth {
  /** What the task does, in words. */
  state: string;
  /** Items that are still to be sent; null while the task is not connected. */
  left: number | null;
  /** ISO time since which something is on its way; null when everything has arrived. */
  behindSince: string | null;
  /** ISO time at which it was last seen connected; null while it is, and when it never was. */
  lastContact: string | null;
  /** RavenDB's words about what went wrong last, without addresses. */
  error: string | null;
}

/** Whether the task is connected to its destination. */
export function isConnected(info: ReplicationTaskInfo | undefined, sent: Sent | undefined): boolean {
  return sent !== undefined && info?.TaskState !== 'Disabled';
}

/** What a task does, in words. */
export function describeTask(info: ReplicationTaskInfo | undefined, sent: Sent | undefined): string {
  if (!info) return 'the task is not there';
  if (info.TaskState === 'Disabled') return 'disabled';
  if (sent) return sent.left > 0 ? 'sending' : 'connected';
  switch (info.TaskConnectionStatus) {
    case 'Active':
      return 'connected';
    case 'Reconnect':
      return 'cannot reach the target, tries again';
    case 'NotOnThisNode':
      return `at work on node ${info.ResponsibleNode?.NodeTag ?? 'unknown'}`;
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

/** Why nothing arrives at the moment, without figures that change; undefined while the task is connected. */
export function replicationTrouble({ state, left, error }: ReplicationHealth): string | undefined {
  if (left !== null) return undefined;
  return error ? `${state}, RavenDB says: ${error}` : state;
}

const STACK_FRAME = /^\s+(?:at |---)/;
const EXCEPTION = /^.*\b\w+Exception(?: \([^)]*\))?: /;

/** The message of the innermost exception in what .NET writes of one, stack and all. */
export function innermostMessage(text: string): string {
  const lines = text.split(/\r?\n/);
  const end = lines.findIndex((line) => STACK_FRAME.test(line) && !line.startsWith(' --->'));
  const head = (end < 0 ? lines : lines.slice(0, end)).filter((line) => line.trim() !== '');
  const last = head.findLast((line) => EXCEPTION.test(line)) ?? head[0] ?? '';
  return last.replace(EXCEPTION, '').trim();
}
