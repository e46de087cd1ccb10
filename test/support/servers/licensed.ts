/**
 * A server whose license allows external replication, as far as the product can tell: a proxy before a real RavenDB
 * that says so, keeps replication tasks itself, answers for them in RavenDB's own shapes, and carries the items of
 * documents by the product's rounds. It shows that the product sets up, watches, pauses and takes away a task; that
 * RavenDB's replication carries everything, only a license can show.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  request as send,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../../src/config/config.ts';
import { type DatabaseRef, parseReplicateDatabase } from '../../../src/core/contract/contract.ts';
import { applyDelta } from '../../../src/engine/catch-up/delta-round.ts';
import type { Work } from '../../../src/engine/work/work.ts';
import { Connections, type RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { readPosition, storageStats } from '../../../src/ravendb/requests/statistics.ts';

/** A task as it is kept here. */
interface Task {
  id: number;
  name: string;
  source: string;
  destination: string;
  disabled: boolean;
  deleted: boolean;
  lastEtagSent: number;
  /** Of the storage whose etags these are. */
  databaseId: string;
}

interface Answer {
  status: number;
  json: unknown;
}

const CARRY_EVERY_MS = 100;

/** The proxy. */
export class Licensed {
  readonly #server: Server;
  readonly #directory: string;
  readonly #connections: Connections;
  readonly #tasks: Task[] = [];
  readonly #working: Promise<void>[] = [];
  #unreachable: string | undefined;
  #stuck = false;
  #refused: RegExp | undefined;
  /** What was done to tasks, in order: `create`, `disable`, `enable`, `delete`. */
  readonly deeds: string[] = [];

  private constructor(server: Server, url: string, directory: string) {
    this.#server = server;
    this.#directory = directory;
    this.#connections = new Connections({ local: { urls: [url] } });
  }

  static async before(url: string): Promise<Licensed> {
    const directory = await mkdtemp(join(tmpdir(), 'shardlift-licensed-'));
    const server = createServer((incoming, outgoing) => {
      licensed.#answer(incoming, outgoing, url).catch(() => outgoing.destroy());
    });
    const licensed: Licensed = new Licensed(server, url, directory);
    // a client on a busy machine may come back to a connection after seconds
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return licensed;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Lets tasks lose their destination, for a reason in .NET's words; without one they reach it again. */
  setUnreachable(reason?: string): void {
    this.#unreachable = reason;
  }

  /** Lets tasks stay connected and send nothing. */
  setStuck(stuck: boolean): void {
    this.#stuck = stuck;
  }

  /** Refuses requests whose method and path match, as RavenDB refuses a certificate. */
  refuse(pattern?: RegExp): void {
    this.#refused = pattern;
  }

  /** Deletes all tasks of a database, as somebody might in RavenDB's Studio. */
  deleteTasks(source: string): void {
    for (const task of this.#tasks) if (task.source === source) task.deleted = true;
  }

  /** Tasks of a database that are there. */
  tasksOf(source: string): { name: string; disabled: boolean }[] {
    return this.#tasks.filter((task) => task.source === source && !task.deleted);
  }

  async close(): Promise<void> {
    for (const task of this.#tasks) task.deleted = true;
    await Promise.all(this.#working);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#connections.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  get #raven(): RavenConnection {
    return this.#connections.get('local');
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse, url: string): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = incoming;
    const own = await this.#ownAnswer(method, new URL(path, url), incoming);
    if (own) {
      outgoing.writeHead(own.status, { 'Content-Type': 'application/json' });
      outgoing.end(own.json === undefined ? undefined : JSON.stringify(own.json));
      return;
    }
    const fail = () => outgoing.destroy();
    const forward = send(`${url}${path}`, { method, headers }, (answer) => {
      const change = this.#changeOf(new URL(path, url).pathname);
      if (!change || answer.statusCode !== 200) {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing).once('error', fail);
        return;
      }
      const { 'content-length': _, 'transfer-encoding': __, ...kept } = answer.headers;
      buffer(answer).then((body) => {
        const changed = JSON.stringify({ ...JSON.parse(body.toString()), ...change });
        outgoing.writeHead(200, kept);
        outgoing.end(changed);
      }, fail);
    });
    forward.once('error', fail);
    incoming.pipe(forward);
  }

  /** What the real server's answer gets in addition. */
  #changeOf(pathname: string): Record<string, unknown> | undefined {
    if (pathname === '/license/status') return { HasExternalReplication: true };
    const [, source] = /^\/databases\/([^/]+)\/admin\/record$/.exec(pathname) ?? [];
    if (!source) return undefined;
    const tasks = this.#tasks.filter((task) => task.source === decodeURIComponent(source) && !task.deleted);
    if (tasks.length === 0) return undefined;
    return {
      ExternalReplications: tasks.map(({ id, name, disabled }) => ({
        TaskId: id,
        Name: name,
        ConnectionStringName: name,
        Disabled: disabled,
      })),
    };
  }

  async #ownAnswer(method: string, url: URL, incoming: IncomingMessage): Promise<Answer | undefined> {
    const [, encoded = '', route = ''] = /^\/databases\/([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
    const source = decodeURIComponent(encoded);
    if (this.#refused?.test(`${method} ${url.pathname}`)) {
      incoming.resume();
      return { status: 403, json: { Type: 'InvalidAuth', Message: 'refused by the test' } };
    }
    const query = url.searchParams;
    const find = (id: string | null) =>
      this.#tasks.find((task) => task.source === source && task.id === Number(id) && !task.deleted);
    switch (`${method} ${route}`) {
      case 'POST admin/tasks/external-replication':
        return await this.#create(source, await text(incoming));
      case 'POST admin/tasks/state': {
        const task = find(query.get('key'));
        const disabled = query.get('disable') === 'true';
        if (task) task.disabled = disabled;
        this.deeds.push(disabled ? 'disable' : 'enable');
        return { status: 200, json: { TaskId: task?.id } };
      }
      case 'DELETE admin/tasks': {
        const task = find(query.get('id'));
        if (task) task.deleted = true;
        this.deeds.push('delete');
        return { status: 200, json: { TaskId: task?.id } };
      }
      case 'GET task':
        return this.#info(find(query.get('key')));
      case 'GET replication/progress':
        return await this.#progress(source, query.get('name') ?? '');
      case 'GET replication/debug/outgoing-failures':
        return { status: 200, json: { Stats: this.#failures(source) } };
      default:
        return undefined;
    }
  }

  async #create(source: string, body: string): Promise<Answer> {
    const { Watcher } = JSON.parse(body) as { Watcher: { Name: string; Database: string } };
    const there = this.tasksOf(source).some(({ name }) => name === Watcher.Name);
    if (there) {
      return {
        status: 500,
        json: { Type: 'System.InvalidOperationException', Message: 'The name is taken.' },
      };
    }
    const { databaseId } = await storageStats(new Database(this.#raven, source));
    const task: Task = {
      id: this.#tasks.length + 1,
      name: Watcher.Name,
      source,
      destination: Watcher.Database,
      disabled: false,
      deleted: false,
      lastEtagSent: 0,
      databaseId,
    };
    // the destination knows how far it was
    task.lastEtagSent = this.#tasks.findLast((each) => isSame(each, task))?.lastEtagSent ?? 0;
    this.#tasks.push(task);
    this.#working.push(this.#work(task));
    this.deeds.push('create');
    return { status: 201, json: { TaskId: task.id, RaftCommandIndex: 1, ResponsibleNode: 'A' } };
  }

  #info(task: Task | undefined): Answer {
    if (!task) return { status: 404, json: undefined };
    const status = this.#unreachable === undefined ? 'Active' : 'Reconnect';
    return {
      status: 200,
      json: {
        TaskId: task.id,
        TaskType: 'Replication',
        ResponsibleNode: { NodeTag: 'A', NodeUrl: this.url, ResponsibleNode: null },
        TaskState: task.disabled ? 'Disabled' : 'Enabled',
        TaskConnectionStatus: task.disabled ? 'NotActive' : status,
        TaskName: task.name,
        Error: null,
      },
    };
  }

  async #progress(source: string, name: string): Promise<Answer> {
    const task = this.#tasks.find(
      (each) => each.source === source && each.name === name && !each.deleted && !each.disabled,
    );
    if (!task || this.#unreachable !== undefined) return { status: 200, json: { Results: [] } };
    const { lastEtag } = await storageStats(new Database(this.#raven, source));
    const left = Math.max(0, lastEtag - task.lastEtagSent);
    const process = {
      FromToString: `from ${source} to ${task.destination}`,
      Completed: left === 0,
      LastEtagSent: task.lastEtagSent,
      NumberOfDocumentsToProcess: left,
      TotalNumberOfDocuments: lastEtag,
    };
    const result = { TaskName: name, ReplicationType: 'External', ProcessesProgress: [process] };
    return { status: 200, json: { Results: [result] } };
  }

  #failures(source: string): unknown[] {
    if (this.#unreachable === undefined) return [];
    return this.tasksOf(source).map(({ name }) => ({
      Key: { Name: name, Type: 'External' },
      Value: { ErrorsCount: 1, Errors: [this.#unreachable], NextTimeout: '00:00:01' },
    }));
  }

  /** Sends what belongs to documents, as replication does, until the task is deleted. */
  async #work(task: Task): Promise<void> {
    const input = parseReplicateDatabase({
      source: { connection: 'local', database: task.source },
      target: { connection: 'local', database: task.destination },
    });
    if (!input.ok) throw new Error(input.problem);
    const config = loadConfig({ SHARDLIFT_DUMP_DIRECTORY: this.#directory }, this.#directory);
    const { signal } = new AbortController();
    const database = (ref: DatabaseRef) => new Database(this.#connections.get(ref.connection), ref.database);
    const work = { config, tuning: config.tuning, database, signal } as Work;
    while (!task.deleted) {
      try {
        const now = await readPosition(new Database(this.#raven, task.source));
        const resting = task.disabled || this.#stuck || this.#unreachable !== undefined;
        if (!resting && now.etag > task.lastEtagSent) {
          const from = { ...now, etag: task.lastEtagSent };
          await applyDelta(work, { ...input.value, from });
          task.lastEtagSent = now.etag;
        }
      } catch {
        // a database that is gone at the end of a test
      }
      await sleep(CARRY_EVERY_MS);
    }
  }
}

function isSame(a: Task, b: Task): boolean {
  return a.databaseId === b.databaseId && a.destination === b.destination;
}
