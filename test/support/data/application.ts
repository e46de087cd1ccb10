/** A database as an application uses it: every kind of write, with JSON that arrives byte for byte. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';

/** What RavenDB takes as a definition of an index; the rest has its defaults. */
export interface IndexDefinition {
  Name: string;
  Maps: string[];
  Reduce?: string;
  Fields?: Record<string, Record<string, string>>;
  Configuration?: Record<string, string>;
  LockMode?: 'Unlock' | 'LockedIgnore' | 'LockedError';
  Priority?: 'Low' | 'Normal' | 'High';
  OutputReduceToCollection?: string;
}

/** An entry of a time series. */
export interface Entry {
  at: string;
  values: number[];
  tag?: string;
}

const encode = encodeURIComponent;

/** What `Application.batch` does: the JSON of a command of RavenDB, and the bytes of an attachment. */
export interface Thing {
  command: string;
  content?: Buffer;
}

/** JSON of additions to counters; a delta is text because it may be beyond 2^53. */
function increments(deltas: Record<string, string | number>): string[] {
  return Object.entries(deltas).map(
    ([name, delta]) => `{"Type":"Increment","CounterName":${JSON.stringify(name)},"Delta":${delta}}`,
  );
}

/** JSON of operations on the counters of a document. */
function countersOf(id: string, operations: readonly string[]): string {
  return `{"DocumentId":${JSON.stringify(id)},"Operations":[${operations.join(',')}]}`;
}

/** What RavenDB takes as entries to append to a time series. */
function appendsTo(Name: string, entries: Entry[]) {
  const Appends = entries.map(({ at, values, tag }) => ({
    Timestamp: at,
    Values: values,
    Tag: tag ?? null,
  }));
  return { Name, Appends };
}

/** What RavenDB takes as entries to add to those of an incremental time series. */
function incrementsTo(Name: string, entries: Entry[]) {
  return { Name, Increments: entries.map(({ at, values }) => ({ Timestamp: at, Values: values })) };
}

/** Things for `Application.batch`. */
export const things = {
  put: (id: string, json: string): Thing => ({
    command: `{"Type":"PUT","Id":${JSON.stringify(id)},"Document":${json}}`,
  }),
  attach: (id: string, name: string, content: Buffer | string): Thing => {
    const command = {
      Type: 'AttachmentPUT',
      Id: id,
      Name: name,
      ContentType: 'text/plain',
      ChangeVector: null,
    };
    return { command: JSON.stringify(command), content: Buffer.from(content) };
  },
  increment: (id: string, deltas: Record<string, number>): Thing => ({
    command: `{"Type":"Counters","Id":${JSON.stringify(id)},"Counters":${countersOf(id, increments(deltas))}}`,
  }),
  append: (id: string, series: string, entries: Entry[]): Thing => ({
    command: JSON.stringify({ Type: 'TimeSeries', Id: id, TimeSeries: appendsTo(series, entries) }),
  }),
  incrementSeries: (id: string, series: string, entries: Entry[]): Thing => {
    const TimeSeries = incrementsTo(series, entries);
    return { command: JSON.stringify({ Type: 'TimeSeriesWithIncrements', Id: id, TimeSeries }) };
  },
};

/** Writes to one database. All bodies are text, so that numbers keep their digits. */
export class Application {
  readonly raven: RavenConnection;
  readonly database: string;

  constructor(raven: RavenConnection, database: string) {
    this.raven = raven;
    this.database = database;
  }

  /** Sends a request, and gives the answer as text. @throws RavenError */
  async send(
    method: string,
    path: string,
    body?: string | Readable,
    type = 'application/json',
  ): Promise<string> {
    const answer = await new Database(this.raven, this.database).open({
      doing: `${method} ${path.slice(0, 100)}`,
      method,
      path,
      ...(body !== undefined && { body, headers: { 'Content-Type': type } }),
    });
    return await text(answer);
  }

  async #json(method: string, path: string, value: unknown): Promise<void> {
    await this.send(method, path, JSON.stringify(value));
  }

  async put(id: string, json: string): Promise<void> {
    await this.send('PUT', `docs?id=${encode(id)}`, json);
  }

  /** Writes many documents in one transaction. */
  async putAll(documents: Iterable<[id: string, json: string]>): Promise<void> {
    const commands = [...documents].map(([id, json]) => things.put(id, json).command);
    if (commands.length > 0) await this.send('POST', 'bulk_docs', `{"Commands":[${commands.join(',')}]}`);
  }

  /** Does many things in one transaction: quicker than a request for each. */
  async batch(things: Thing[]): Promise<void> {
    const boundary = `batch-${randomUUID()}`;
    const part = (headers: string) => Buffer.from(`--${boundary}\r\n${headers}\r\n`);
    const streams = things.flatMap(({ content }) =>
      content === undefined ? [] : [part('Command-Type: AttachmentStream\r\n'), content, Buffer.from('\r\n')],
    );
    const commands = things.map(({ command }) => command).join(',');
    await this.send(
      'POST',
      'bulk_docs',
      Readable.from([
        part('Content-Type: application/json\r\n'),
        Buffer.from(`{"Commands":[${commands}]}\r\n`),
        ...streams,
        Buffer.from(`--${boundary}--\r\n`),
      ]),
      `multipart/mixed; boundary="${boundary}"`,
    );
  }

  async delete(id: string): Promise<void> {
    await this.send('DELETE', `docs?id=${encode(id)}`);
  }

  async attach(id: string, name: string, content: Buffer | string, type = 'text/plain'): Promise<void> {
    const path = `attachments?id=${encode(id)}&name=${encode(name)}&contentType=${encode(type)}`;
    const bytes = Buffer.from(content);
    await this.send('PUT', path, bytes.length > 0 ? Readable.from([bytes]) : '', 'application/octet-stream');
  }

  async detach(id: string, name: string): Promise<void> {
    await this.send('DELETE', `attachments?id=${encode(id)}&name=${encode(name)}`);
  }

  /** Renames an attachment, or moves it to another document. */
  async moveAttachment(id: string, name: string, to: { id: string; name: string }): Promise<void> {
    const command = { Type: 'AttachmentMOVE', Id: id, Name: name, ChangeVector: null };
    const destination = { DestinationId: to.id, DestinationName: to.name, DestinationChangeVector: null };
    await this.#json('POST', 'bulk_docs', { Commands: [{ ...command, ...destination }] });
  }

  /** Adds to counters. */
  async increment(id: string, deltas: Record<string, string | number>): Promise<void> {
    await this.#counters(id, increments(deltas));
  }

  async deleteCounters(id: string, names: string[]): Promise<void> {
    await this.#counters(
      id,
      names.map((name) => JSON.stringify({ Type: 'Delete', CounterName: name })),
    );
  }

  async #counters(id: string, operations: string[]): Promise<void> {
    await this.send('POST', 'counters', `{"Documents":[${countersOf(id, operations)}]}`);
  }

  async append(id: string, series: string, entries: Entry[]): Promise<void> {
    await this.#json('POST', `timeseries?docId=${encode(id)}`, appendsTo(series, entries));
  }

  /** Adds to entries of an incremental time series, whose name begins with `INC:`. */
  async incrementSeries(id: string, series: string, entries: Entry[]): Promise<void> {
    await this.#json('POST', `timeseries?docId=${encode(id)}`, incrementsTo(series, entries));
  }

  /** Deletes entries from one moment to another, or all. */
  async deleteEntries(id: string, series: string, from?: string, to?: string): Promise<void> {
    const Deletes = [{ From: from ?? null, To: to ?? null }];
    await this.#json('POST', `timeseries?docId=${encode(id)}`, { Name: series, Deletes });
  }

  async nameValues(collection: string, series: string, names: string[]): Promise<void> {
    const naming = { Collection: collection, TimeSeries: series, ValueNames: names };
    await this.#json('POST', 'timeseries/names/config', naming);
  }

  /** Puts a compare-exchange item, over one that is there; `value` and `metadata` are JSON. */
  async putCompareExchange(key: string, value: string, metadata?: string): Promise<void> {
    const index = (await this.#indexOf(key)) ?? 0;
    const body = metadata ? `{"Object":${value},"@metadata":${metadata}}` : `{"Object":${value}}`;
    const answer = await this.send('PUT', `cmpxchg?key=${encode(key)}&index=${index}`, body);
    if (!answer.includes('"Successful":true')) throw new Error(`${key} was not put: ${answer}`);
  }

  async deleteCompareExchange(key: string): Promise<void> {
    const index = await this.#indexOf(key);
    if (index !== undefined) await this.send('DELETE', `cmpxchg?key=${encode(key)}&index=${index}`);
  }

  async #indexOf(key: string): Promise<number | undefined> {
    const answer = await this.send('GET', `cmpxchg?key=${encode(key)}`).catch(unless('HTTP 404'));
    if (!answer) return;
    return (JSON.parse(answer) as { Results: { Index: number }[] }).Results[0]?.Index;
  }

  async nextIdentity(name: string): Promise<void> {
    await this.send('POST', `identity/next?name=${encode(name)}`);
  }

  async seedIdentity(name: string, value: number): Promise<void> {
    await this.send('POST', `identity/seed?name=${encode(name)}&value=${value}&force=true`);
  }

  async putIndexes(...indexes: IndexDefinition[]): Promise<void> {
    await this.#json('PUT', 'admin/indexes', { Indexes: indexes });
  }

  /** Deletes an index; one that is not there is fine. */
  async deleteIndex(name: string): Promise<void> {
    await this.send('DELETE', `indexes?name=${encode(name)}`).catch(unless('HTTP 404'));
  }

  async setIndexState(name: string, state: 'enable' | 'disable'): Promise<void> {
    await this.send('POST', `admin/indexes/${state}?name=${encode(name)}`);
  }

  async setIndexLock(name: string, Mode: 'Unlock' | 'LockedIgnore' | 'LockedError'): Promise<void> {
    await this.#json('POST', 'indexes/set-lock', { IndexNames: [name], Mode });
  }

  async setIndexPriority(name: string, Priority: 'Low' | 'Normal' | 'High'): Promise<void> {
    await this.#json('POST', 'indexes/set-priority', { IndexNames: [name], Priority });
  }

  /** Asks a query, which makes an automatic index where it needs one. */
  async query(rql: string): Promise<void> {
    await this.send('GET', `queries?query=${encode(rql)}`);
  }

  async keepRevisions(collections: Record<string, Record<string, unknown>>): Promise<void> {
    await this.#json('POST', 'admin/revisions/config', { Default: null, Collections: collections });
  }

  /** Deletes the revisions of documents, also of deleted ones. */
  async deleteRevisions(...ids: string[]): Promise<void> {
    await this.#json('DELETE', 'admin/revisions', { DocumentIds: ids, RemoveForceCreatedRevisions: true });
  }

  /** Makes a revision of a document whose collection keeps none. */
  async forceRevision(id: string): Promise<void> {
    await this.#json('POST', 'bulk_docs', { Commands: [{ Type: 'ForceRevisionCreation', Id: id }] });
  }

  async expire(everySeconds: number): Promise<void> {
    const expiration = { Disabled: false, DeleteFrequencyInSec: everySeconds };
    await this.#json('POST', 'admin/expiration/config', expiration);
  }

  async refresh(everySeconds: number): Promise<void> {
    await this.#json('POST', 'admin/refresh/config', {
      Disabled: false,
      RefreshFrequencyInSec: everySeconds,
    });
  }

  async putSubscription(name: string, query: string): Promise<void> {
    await this.#json('PUT', 'subscriptions', { Name: name, Query: query });
  }
}

/** Swallows one kind of error. */
function unless(kind: string): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof RavenError && error.kind === kind)) throw error;
  };
}
