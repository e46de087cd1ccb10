/**
 * Smuggler: RavenDB's export and import, as raw streams. Not the client's own smuggler: that one reads a whole
 * dump into memory, knows no start etag and drops options.
 */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromServer, RavenError, toRavenError } from '../connection/errors.ts';
import type { RavenHttp } from '../connection/http.ts';
import type { ItemCounts } from '../dump/item-kinds.ts';
import { databasePath } from '../requests/databases.ts';
import {
  readSmugglerResult,
  ShardCounts,
  type SmugglerResult,
  type SmugglerState,
} from './smuggler-result.ts';

/** The kinds of item that export and import can be limited to (`OperateOnTypes`). */
export type ItemType =
  | 'Documents'
  | 'RevisionDocuments'
  | 'Attachments'
  | 'CounterGroups'
  | 'TimeSeries'
  | 'TimeSeriesDeletedRanges'
  | 'Tombstones'
  | 'CompareExchange'
  | 'CompareExchangeTombstones'
  | 'Identities'
  | 'Indexes'
  | 'Subscriptions'
  | 'DatabaseRecord';

/** What of a database or of a dump is wanted. */
export interface Selection {
  types: readonly ItemType[];
  /** Items of the database record, when `types` has `DatabaseRecord`. */
  recordTypes?: readonly string[] | undefined;
  /** Documents of these collections alone, with all that belongs to them. What belongs to none comes all the same. */
  collections?: readonly string[] | null | undefined;
  /**
   * JavaScript that may change each document and revision (`this`), or leave it out with its counters and time series
   * (`throw 'skip'`).
   */
  transformScript?: string | null | undefined;
}

/** What an export shall hold. */
export interface ExportOptions extends Selection {
  /** Only what has this etag or a later one; inclusive. */
  startEtag?: number;
  /** The same for compare exchange and identities. */
  startRaftIndex?: number;
  /** `Zstd` by default. */
  compression?: 'Zstd' | 'Gzip' | undefined;
}

/** What of a dump shall be imported. */
export type ImportOptions = Selection;

/** A running export: the dump's bytes, and what must be asked once they have ended. */
export interface RunningExport {
  /** Compressed dump. Ends like a healthy one even when the export was killed. */
  body: Readable;
  /**
   * To be awaited after the body has ended and before its content is trusted.
   * @throws RavenError unless the server says that the export is complete
   */
  finished(): Promise<SmugglerResult>;
}

const FIRST_PAUSE_MS = 10;

/**
 * Starts an export. Aborting the connection's signal stops it on the server too.
 * @param onProgress told about once a second, while the body is open, how many items the server has read
 * @throws RavenError
 */
export async function startExport(
  http: RavenHttp,
  database: string,
  options: ExportOptions,
  onProgress?: (counts: ItemCounts) => void,
): Promise<RunningExport> {
  const doing = 'Export';
  if (options.transformScript) await checkTransformScript(http, database, options.transformScript);
  const id = await nextOperationId(http, database);
  const operation = { database, id, doing };
  const query = new URLSearchParams({ operationId: String(id) });
  if (options.startEtag !== undefined) query.set('startEtag', String(options.startEtag));
  if (options.startRaftIndex !== undefined) query.set('startRaftIndex', String(options.startRaftIndex));
  const body = await http.open({
    doing,
    database,
    method: 'POST',
    path: databasePath(database, `smuggler/export?${query}`),
    body: JSON.stringify(exportBody(options)),
    headers: { 'Content-Type': 'application/json' },
    howFar: () => howFar(http, operation),
  });
  // behind a line that went dead the server would wait, and hold its snapshot, until its system gives up
  body.once('error', () => void kill(http.unaborted, operation));
  if (onProgress) {
    const polling = new AbortController();
    body.once('close', () => polling.abort());
    const shards = new ShardCounts();
    const tell = (state: SmugglerState) => onProgress(shards.add(state));
    void reportProgress(http.within(polling.signal), operation, tell);
  }
  return { body, finished: () => operationResult(http, operation) };
}

/**
 * Has the server read a transform script without running it: an export whose script is wrong would end in a closed
 * connection.
 * @throws RavenError that is not retryable when it is no JavaScript
 */
export async function checkTransformScript(http: RavenHttp, database: string, script: string): Promise<void> {
  await http.json({
    doing: 'Checking the transform script',
    database,
    method: 'POST',
    path: databasePath(database, 'smuggler/validate-options'),
    json: { TransformScript: script },
  });
}

/**
 * Imports a dump and waits for its end. Aborting the connection's signal stops it on the server too; what was
 * imported stays.
 * @param dump the dump's bytes; read to its end
 * @throws RavenError also when the server calls the import complete but could not take every item
 */
export async function importDump(
  http: RavenHttp,
  database: string,
  dump: Readable,
  options: ImportOptions,
): Promise<SmugglerResult> {
  const doing = 'Import';
  // it may break before anybody reads it, and must not end the process then
  dump.on('error', () => undefined);
  const id = await nextOperationId(http, database).catch((error) => {
    dump.destroy();
    throw error;
  });
  const operation = { database, id, doing };
  const boundary = `shardlift-${randomUUID()}`;
  let silent = false;
  try {
    const answer = await http.open({
      doing,
      database,
      method: 'POST',
      path: databasePath(database, `smuggler/import?operationId=${operation.id}`),
      headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
      body: Readable.from(multipart(boundary, importBody(options), dump), { objectMode: false }),
      howFar: () => howFar(http, operation),
    });
    answer.resume();
  } catch (error) {
    if (http.signal?.aborted) throw error;
    silent = isSilence(error);
    throw silent ? error : await causeOf(http, operation, error);
  } finally {
    dump.destroy();
    if (http.signal?.aborted || silent) await kill(http.unaborted, operation);
  }
  return await operationResult(http, operation);
}

function exportBody(options: ExportOptions): Record<string, unknown> {
  const { compression } = options;
  return { ...selected(options), ...(compression && { CompressionAlgorithm: compression }) };
}

/** Without the skip every imported document gets one revision more than it had. */
function importBody(options: ImportOptions): Record<string, unknown> {
  return { ...selected(options), SkipRevisionCreation: true };
}

function selected({ types, recordTypes, collections, transformScript }: Selection): Record<string, unknown> {
  return {
    OperateOnTypes: types.join(','),
    ...(recordTypes && { OperateOnDatabaseRecordTypes: recordTypes.join(',') }),
    ...(collections && { Collections: collections }),
    ...(transformScript && { TransformScript: transformScript }),
  };
}

/** RavenDB reads the options first, then the dump from a part with a file name. */
async function* multipart(boundary: string, options: Record<string, unknown>, dump: Readable) {
  yield Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="importOptions"\r\n\r\n${JSON.stringify(options)}\r\n` +
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="dump"\r\n` +
      'Content-Type: application/octet-stream\r\n\r\n',
  );
  yield* dump;
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}

async function nextOperationId(http: RavenHttp, database: string): Promise<number> {
  const path = databasePath(database, 'operations/next-operation-id');
  const answer = await http.json<{ Id: number }>({ doing: 'Opening an operation', database, path });
  return answer.Id;
}

interface OperationState {
  Status: 'InProgress' | 'Completed' | 'Faulted' | 'Canceled';
  Progress?: SmugglerState;
  Result?: SmugglerState & { Type?: string; Message?: string; StatusCode?: number };
}

type Operation = { database: string; id: number; doing: string };

async function operationState(http: RavenHttp, operation: Operation): Promise<OperationState | undefined> {
  const { database, id, doing } = operation;
  const path = databasePath(database, `operations/state?id=${id}`);
  try {
    return await http.json<OperationState>({ doing, database, path });
  } catch (error) {
    if (error instanceof RavenError && error.status === 404) return undefined;
    throw error;
  }
}

/** Changes with each item that a running operation handles. @throws when it does not run */
async function howFar(http: RavenHttp, operation: Operation): Promise<string> {
  const state = await operationState(http, operation);
  if (state?.Status !== 'InProgress') throw new Error('The operation does not run.');
  return JSON.stringify(state.Progress);
}

function isSilence(error: unknown): boolean {
  return error instanceof RavenError && error.kind === 'ETIMEDOUT';
}

/** The result of an operation whose answer has ended; the server may take a moment to say so. */
async function operationResult(http: RavenHttp, operation: Operation): Promise<SmugglerResult> {
  const { database, doing } = operation;
  const context = { connection: http.connection, database };
  const deadline = Date.now() + http.tuning.operationGraceMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(http.tuning.operationLookMs, pause * 2)) {
    const state = await operationState(http, operation);
    if (!state) throw fromServer(context, doing, { type: 'OperationLost', message: '' });
    if (state.Status === 'Completed') return readSmugglerResult(context, doing, state.Result ?? {});
    if (state.Status !== 'InProgress') throw faultOf(context, doing, state);
    if (Date.now() > deadline) {
      throw fromServer(context, doing, {
        type: 'TimeoutException',
        message: 'The answer has ended but the operation is still in progress.',
      });
    }
    await sleep(pause, undefined, { ...(http.signal && { signal: http.signal }) });
  }
}

function faultOf(context: { connection: string; database: string }, doing: string, state: OperationState) {
  const { Type = 'OperationCanceledException', Message = '', StatusCode } = state.Result ?? {};
  return fromServer(context, doing, { type: Type, message: Message, status: StatusCode });
}

/** A broken upload reads as a closed connection; the operation on the server knows the reason. */
async function causeOf(http: RavenHttp, operation: Operation, error: unknown): Promise<unknown> {
  const { database, doing } = operation;
  const context = { connection: http.connection, database };
  if (!(error instanceof RavenError) || error.status !== undefined) {
    return toRavenError(context, doing, error);
  }
  const state = await operationState(http, operation).catch(() => undefined);
  return state?.Status === 'Faulted' ? faultOf(context, doing, state) : error;
}

async function reportProgress(
  http: RavenHttp,
  operation: Operation,
  onProgress: (state: SmugglerState) => void,
): Promise<void> {
  const { signal } = http;
  while (!signal?.aborted) {
    try {
      await sleep(http.tuning.operationLookMs, undefined, { ...(signal && { signal }) });
      const state = await operationState(http, operation);
      if (state?.Progress) onProgress(state.Progress);
    } catch {
      // progress is a courtesy: the export itself reports what went wrong
    }
  }
}

/** Stops an operation on the server, so that nothing writes on after we have left. Best effort, and soon over. */
async function kill(http: RavenHttp, { database, id }: Operation): Promise<void> {
  const path = databasePath(database, `operations/kill?id=${id}`);
  const bounded = http.within(AbortSignal.timeout(http.tuning.killWithinMs));
  await bounded
    .json({ doing: 'Stopping an operation', database, method: 'POST', path })
    .catch(() => undefined);
}
