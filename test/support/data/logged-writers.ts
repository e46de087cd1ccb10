/**
 * Writers of every kind that write to whichever database serves, and keep a log of what was acknowledged: by it, and
 * not by counts, is told what a database has lost, made up or taken in part.
 */
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';
import { Application } from './application.ts';
import { moment } from './everything-numbers.ts';
import { type Places, places } from './places.ts';

/** Of those that count; the two of the cluster come by the clock. */
const MIX = {
  document: 22,
  overwrite: 16,
  deletion: 8,
  counter: 15,
  'time series': 15,
  attachment: 13,
  'bulk insert': 6,
  'patch by query': 5,
} as const;
const CLUSTER = ['compare exchange', 'cluster-wide transaction'] as const;

/** The kinds of writes. */
export const KINDS = [...(Object.keys(MIX) as (keyof typeof MIX)[]), ...CLUSTER];
type Kind = (typeof KINDS)[number];

/** RavenDB itself takes these in part. */
const IN_PART: readonly Kind[] = ['bulk insert', 'patch by query'];

/** One write, and what became of it. */
export interface Write {
  kind: Kind;
  /** The database that it was sent to. */
  database: string;
  /** What is there when it was taken, by place; undefined where nothing is. */
  leaves: [place: string, value: string | undefined][];
  /** Why it was not acknowledged. */
  failure?: string;
}

/** How much is written. */
export interface Load {
  writers?: number;
  /** Of all writers together. */
  perSecond: number;
  /** Of each of the two kinds that go through the cluster, of all writers together. */
  clusterPerSecond: number;
}

const BULK = 8;
const PATCHED = 3;
const OVERWRITTEN = 12;
/** Counters, entries and attachments of one document. */
const PER_DOCUMENT = 20;
/** Who was refused tries again soon, and does not hammer. */
const REFUSED_PAUSE_MS = 40;

/** Writers that run until they are stopped. */
export class LoggedWriters {
  readonly log: Write[] = [];
  /** The database that serves, as applications are told. */
  serving: string;
  readonly prefix: string;
  readonly #raven: RavenConnection;
  readonly #load: Required<Load>;
  readonly #stopping = new AbortController();
  readonly #running: Promise<unknown>;
  #paused = Promise.withResolvers<void>();
  #isPaused = false;
  #atWork = 0;

  constructor(raven: RavenConnection, database: string, load: Load) {
    this.#raven = raven;
    this.serving = database;
    this.prefix = 'logged/';
    this.#load = { writers: 4, ...load };
    this.#running = Promise.all(Array.from({ length: this.#load.writers }, (_, n) => this.#write(n)));
    this.#running.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.resume();
    await this.#running;
  }

  /** Comes back when nothing is on its way any more. */
  async pause(): Promise<void> {
    if (!this.#isPaused) this.#paused = Promise.withResolvers();
    this.#isPaused = true;
    while (this.#atWork > 0) await sleep(5);
  }

  resume(): void {
    this.#isPaused = false;
    this.#paused.resolve();
  }

  async #write(number: number): Promise<void> {
    const writer = new Writer(`${this.prefix}${number}/`);
    const { writers, perSecond, clusterPerSecond } = this.#load;
    const clusterEveryMs = (1000 * writers) / (clusterPerSecond * CLUSTER.length);
    let clusterAt = Date.now() + (clusterEveryMs * (number + 1)) / writers;
    while (!this.#stopping.signal.aborted) {
      while (this.#isPaused) await this.#paused.promise;
      const startedAt = Date.now();
      const isClusters = startedAt >= clusterAt;
      if (isClusters) clusterAt = startedAt + clusterEveryMs;
      const isTaken = await this.#one(writer, isClusters ? writer.ofCluster() : writer.next());
      const pause = isTaken ? (1000 * writers) / perSecond : REFUSED_PAUSE_MS;
      await sleep(Math.max(0, pause - (Date.now() - startedAt)));
    }
  }

  async #one(writer: Writer, kind: Kind): Promise<boolean> {
    const application = new Application(this.#raven, this.serving);
    const { leaves, send } = writer.does[kind]();
    const write: Write = { kind, database: this.serving, leaves };
    this.#atWork++;
    try {
      await send(application);
      writer.taken(write);
      return true;
    } catch (error) {
      write.failure = error instanceof RavenError ? error.kind : String(error).slice(0, 60);
      return false;
    } finally {
      this.log.push(write);
      this.#atWork--;
    }
  }
}

interface Operation {
  leaves: Write['leaves'];
  send: (application: Application) => Promise<void>;
}

/** What one writer does next. No two writers touch the same document. */
class Writer {
  readonly #prefix: string;
  readonly #mix: Kind[];
  readonly #there = new Set<string>();
  #n = 0;
  #clusters = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
    // evenly spread: the k-th of a kind comes at its share of the way
    this.#mix = Object.entries(MIX)
      .flatMap(([kind, share]) => Array.from({ length: share }, (_, k) => ({ kind, at: (k + 0.5) / share })))
      .sort((a, b) => a.at - b.at)
      .map(({ kind }) => kind as Kind);
  }

  next(): Kind {
    return this.#mix[++this.#n % this.#mix.length] ?? 'document';
  }

  ofCluster(): Kind {
    this.#n++;
    return CLUSTER[this.#clusters++ % CLUSTER.length] ?? 'compare exchange';
  }

  taken({ leaves }: Write): void {
    for (const [place] of leaves) this.#there.add(place);
  }

  readonly does: Record<Kind, () => Operation> = {
    document: () => this.#put(`${this.#prefix}d${this.#n}`),
    overwrite: () => this.#put(this.#overwritten()),
    deletion: () => {
      const id = this.#overwritten();
      return { leaves: [[places.document(id), undefined]], send: (application) => application.delete(id) };
    },
    counter: () =>
      this.#on('c', (id) => {
        const name = `c${this.#n}`;
        return {
          leaves: [[places.counter(id, name), '1']],
          send: (application) => application.increment(id, { [name]: 1 }),
        };
      }),
    'time series': () =>
      this.#on('t', (id) => {
        const at = moment(this.#n);
        return {
          leaves: [[places.entry(id, at), `${this.#n}`]],
          send: (application) => application.append(id, 'Written', [{ at, values: [this.#n] }]),
        };
      }),
    attachment: () =>
      this.#on('a', (id) => {
        const [name, content] = [`a${this.#n}`, `content ${this.#n} of ${id}`];
        return {
          leaves: [[places.attachment(id, name), content]],
          send: (application) => application.attach(id, name, content),
        };
      }),
    'bulk insert': () => {
      const ids = Array.from({ length: BULK }, (_, at) => `${this.#prefix}b${this.#n}-${at}`);
      return {
        leaves: ids.map((id) => [places.document(id), `${this.#n}`]),
        send: (application) => bulkInsert(application, ids, `${this.#n}`),
      };
    },
    'patch by query': () => this.#patch(),
    'compare exchange': () => {
      const key = `${this.#prefix}k${this.#n}`;
      return {
        leaves: [[places.key(key), `${this.#n}`]],
        send: (application) => application.putCompareExchange(key, `${this.#n}`),
      };
    },
    'cluster-wide transaction': () => {
      const id = `${this.#prefix}w${this.#n}`;
      return {
        leaves: [
          [places.document(id), `${this.#n}`],
          [places.key(id), `${this.#n}`],
        ],
        send: (application) => clusterWide(application, id, `${this.#n}`),
      };
    },
  };

  #overwritten(): string {
    return `${this.#prefix}o${this.#n % OVERWRITTEN}`;
  }

  #put(id: string): Operation {
    return {
      leaves: [[places.document(id), `${this.#n}`]],
      send: (application) => application.put(id, document(this.#n)),
    };
  }

  /** Does something to a document of its own; makes that first. */
  #on(letter: string, operation: (id: string) => Operation): Operation {
    const id = `${this.#prefix}${letter}-${Math.floor(this.#n / (PER_DOCUMENT * 7))}`;
    if (this.#there.has(places.document(id))) return operation(id);
    return this.#put(id);
  }

  #patch(): Operation {
    const collection = `Patched${this.#prefix.replaceAll('/', '_')}`;
    const ids = Array.from({ length: PATCHED }, (_, at) => `${this.#prefix}p${at}`);
    const value = `${this.#n}`;
    if (!ids.every((id) => this.#there.has(places.document(id)))) {
      return {
        leaves: ids.map((id) => [places.document(id), value]),
        send: (application) => application.putAll(ids.map((id) => [id, document(Number(value), collection)])),
      };
    }
    const field = `p${value}`;
    return {
      leaves: ids.map((id) => [places.field(id, field), value]),
      send: (application) => patch(application, `from '${collection}' update { this.${field} = ${value}; }`),
    };
  }
}

function document(n: number, collection = 'Logged'): string {
  return `{"n":${n},"@metadata":{"@collection":"${collection}"}}`;
}

/** Part by part, so that it may be cut in the middle. */
async function bulkInsert(application: Application, ids: readonly string[], n: string): Promise<void> {
  const { Id } = JSON.parse(await application.send('GET', 'operations/next-operation-id')) as { Id: number };
  const commands = ids.map((Id, at) => {
    const Document = { n: Number(n), '@metadata': { '@collection': 'Logged' } };
    return `${at === 0 ? '[' : ','}${JSON.stringify({ Id, Type: 'PUT', Document })}`;
  });
  async function* body() {
    for (const command of commands) {
      yield Buffer.from(command);
      await sleep(2);
    }
    yield Buffer.from(']');
  }
  await application.send('POST', `bulk_insert?id=${Id}`, Readable.from(body()));
}

async function patch(application: Application, query: string): Promise<void> {
  const body = JSON.stringify({ Query: { Query: query } });
  const answer = await application.send('PATCH', 'queries?allowStale=true', body);
  const { OperationId } = JSON.parse(answer) as { OperationId: number };
  for (;;) {
    const state = JSON.parse(await application.send('GET', `operations/state?id=${OperationId}`)) as {
      Status: string;
      Result?: { Error?: string };
    };
    if (state.Status === 'Completed') return;
    if (state.Status !== 'InProgress') throw new Error(`patch ${state.Status}: ${state.Result?.Error}`);
    await sleep(5);
  }
}

async function clusterWide(application: Application, id: string, n: string): Promise<void> {
  const Commands = [
    { Type: 'PUT', Id: id, Document: JSON.parse(document(Number(n))) as unknown },
    { Type: 'CompareExchangePUT', Id: id, Document: { Object: Number(n) }, Index: 0 },
  ];
  await application.send('POST', 'bulk_docs', JSON.stringify({ Commands, TransactionMode: 'ClusterWide' }));
}

/** What a log says of a database, and what it cannot tell. */
export interface Judged {
  /** What an acknowledged write left that is not there, or is another; and what nobody wrote. */
  lost: string[];
  /** Writes that were not acknowledged and are there in part, although RavenDB takes such a one whole or not. */
  torn: string[];
  /** Writes that were not acknowledged, and whether they are there. */
  unacknowledged: { write: Write; there: 'whole' | 'absent' | 'in part' }[];
}

/** Judges what a database holds by the log. @param without what cannot be read there */
export function judge(log: readonly Write[], there: Places, without: (place: string) => boolean): Judged {
  const may = new Map<string, Set<string | undefined>>();
  for (const { leaves, failure } of log) {
    for (const [place, value] of leaves) {
      const values = may.get(place) ?? new Set([undefined]);
      if (failure === undefined) values.clear();
      may.set(place, values.add(value));
    }
  }
  const lost = [...may]
    .filter(([place, values]) => !without(place) && !values.has(there.get(place)))
    .map(([place, values]) => `${place} is ${there.get(place)}, not ${[...values].join(' or ')}`);
  lost.push(...[...there.keys()].filter((place) => !may.has(place)).map((place) => `${place}: by nobody`));
  const unacknowledged = log
    .filter(({ failure }) => failure !== undefined)
    .map((write) => ({ write, there: found(write, there, without) }));
  const torn = unacknowledged
    .filter(({ write, there: how }) => how === 'in part' && !IN_PART.includes(write.kind))
    .map(({ write }) => `${write.kind} ${write.leaves.map(([place]) => place).join(', ')}`);
  return { lost, torn, unacknowledged };
}

function found(
  { leaves }: Write,
  there: Places,
  without: (place: string) => boolean,
): 'whole' | 'absent' | 'in part' {
  const readable = leaves.filter(([place]) => !without(place));
  const held = readable.filter(([place, value]) => there.get(place) === value);
  if (held.length === 0) return 'absent';
  return held.length === readable.length ? 'whole' : 'in part';
}
