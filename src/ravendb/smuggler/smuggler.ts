/**
 * Smuggler: RavenDB's export and import, as raw streams. Not the client's smuggler: it reads a whole dump into memory,
 * supports no start etag and drops options.
 */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../connection/database.ts';
import { fromServer, ifFound, RavenError, toRavenError } from '../connection/errors.ts';
import type { ItemCounts } from '../dump/item-kinds.ts';
import {
  readSmugglerResult,
  ShardCounts,
  type SmugglerResult,
  type SmugglerState,
} from './smuggler-result.ts';

/** The kinds of items that an export or import can be limited to (`OperateOnTypes`). */
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

/** Which items of a database or of a dump are wanted. */
interface Selection {
  types: readonly ItemType[];
  /** Items of the database record, when `types` has `DatabaseRecord`. */
  recordTypes?: readonly string[] | undefined;
  /**
   * Only documents of these collections, with everything that belongs to them. Other kinds of items are not limited.
   */
  collections?: readonly string[] | null | undefined;
  /**
   * JavaScript that may change each document and revision (`this`), or skip it with its counters and time series
   * (`throw 'skip'`).
   */
  transformScript?: string | null | undefined;
}

/** What to export. */
export interface ExportOptions extends Selection {
  /** Only items with this etag or a later one. */
  startEtag?: number;
  /** The same for compare exchange and identities, by raft index. */
  startRaftIndex?: number;
  /** `Zstd` by default. */
  compression?: 'Zstd' | 'Gzip' | undefined;
}

/** What of a dump to import. */
export type ImportOptions = Selection;

/** A running export: the dump's bytes, and whether they are complete. */
export interface RunningExport {
  /** The compressed dump. It ends without an error even when the export was killed. */
  body: Readable;
  /**
   * To be awaited when the body has ended, before its content is trusted.
   * @throws RavenError unless the server says that the export is complete
   */
  finished(): Promise<SmugglerResult>;
}

const FIRST_PAUSE_MS = 10;

/**
 * Starts an export. Aborting the connection's signal stops it on the server too.
 * @param onProgress called about once a second, while the body is open, with how many items the server has read
 * @throws RavenError
 */
export async function startExport(
  database: Database,
  options: ExportOptions,
  onProgress?: (counts: ItemCounts) => void,
): Promise<RunningExport> {
  const doing = 'Export';
  if (options.transformScript) await checkTransformScript(database, options.transformScript);
  const id = await nextOperationId(database);
  const operation = { database, id, doing };
  const query = new URLSearchParams({ operationId: String(id) });
  if (options.startEtag !== undefined) query.set('startEtag', String(options.startEtag));
  if (options.startRaftIndex !== undefined) query.set('startRaftIndex', String(options.startRaftIndex));
  const body = await database.open({
    doing,
    method: 'POST',
    path: `smuggler/export?${query}`,
    body: JSON.stringify(exportBody(options)),
    headers: { 'Content-Type': 'application/json' },
    probeProgress: () => progressOf(operation),
  });
  // on a dead connection the server would wait, and keep its snapshot, until its system gives up
  body.once('error', () => void kill(operation));
  if (onProgress) {
    const polling = new AbortController();
    body.once('close', () => polling.abort());
    const shards = new ShardCounts();
    const tell = (state: SmugglerState) => onProgress(shards.add(state));
    void reportProgress({ ...operation, database: database.within(polling.signal) }, tell);
  }
  return { body, finished: () => operationResult(operation) };
}

/**
 * Has the server parse a transform script: an export with an invalid script would just end in a closed connection.
 * @throws RavenError that is not retryable when the script is not valid JavaScript
 */
async function checkTransformScript(database: Database, script: string): Promise<void> {
  await database.json({
    doing: 'Checking the transform script',
    method: 'POST',
    path: 'smuggler/validate-options',
    json: { TransformScript: script },
  });
}

/**
 * Imports a dump and waits until it is done. Aborting the connection's signal stops it on the server too; what was
 * imported stays.
 * @param dump the dump's bytes; read to the end
 * @throws RavenError also when the server calls the import complete but could not import every item
 */
export async function importDump(
  database: Database,
  dump: Readable,
  options: ImportOptions,
): Promise<SmugglerResult> {
  const doing = 'Import';
  // it may fail before anybody reads it, which must not end the process
  dump.on('error', () => undefined);
  const id = await nextOperationId(database).catch((error) => {
    dump.destroy();
    throw error;
  });
  const operation = { database, id, doing };
  const { signal } = database.http;
  const boundary = `shardlift-${randomUUID()}`;
  let silent = false;
  try {
    const answer = await database.open({
      doing,
      method: 'POST',
      path: `smuggler/import?operationId=${operation.id}`,
      headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
      body: Readable.from(multipart(boundary, importBody(options), dump), { objectMode: false }),
      probeProgress: () => progressOf(operation),
    });
    answer.resume();
  } catch (error) {
    if (signal?.aborted) throw error;
    silent = isSilence(error);
    throw silent ? error : await causeOf(operation, error);
  } finally {
    dump.destroy();
    if (signal?.aborted || silent) await kill(operation);
    if (silent) await stopped(operation);
  }
  return await operationResult(operation);
}

function exportBody(options: ExportOptions): Record<string, unknown> {
  const { compression } = options;
  return { ...selected(options), ...(compression && { CompressionAlgorithm: compression }) };
}

/** Without `SkipRevisionCreation` every imported document would get another revision. */
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

async function nextOperationId(database: Database): Promise<number> {
  const path = 'operations/next-operation-id';
  const answer = await database.json<{ Id: number }>({ doing: 'Opening an operation', path });
  return answer.Id;
}

interface OperationState {
  Status: 'InProgress' | 'Completed' | 'Faulted' | 'Canceled';
  Progress?: SmugglerState;
  Result?: SmugglerState & { Type?: string; Message?: string; StatusCode?: number };
}

type Operation = { database: Database; id: number; doing: string };

async function operationState(operation: Operation): Promise<OperationState | undefined> {
  const { database, id, doing } = operation;
  return await ifFound(database.json<OperationState>({ doing, path: `operations/state?id=${id}` }));
}

/** Changes with each item that a running operation handles. @throws when it is not running */
async function progressOf(operation: Operation): Promise<string> {
  const state = await operationState(operation);
  if (state?.Status !== 'InProgress') throw new Error('The operation is not running.');
  return JSON.stringify(state.Progress);
}

function isSilence(error: unknown): boolean {
  return error instanceof RavenError && error.kind === 'ETIMEDOUT';
}

/** The result of an operation whose response has ended; the server may take a moment to report it. */
async function operationResult(operation: Operation): Promise<SmugglerResult> {
  const { database, doing } = operation;
  const { where } = database;
  const { signal, tuning } = database.http;
  const deadline = Date.now() + tuning.operationGraceMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(tuning.operationLookMs, pause * 2)) {
    const state = await operationState(operation);
    if (!state) throw fromServer(where, doing, { type: 'OperationLost', message: '' });
    if (state.Status === 'Completed') return readSmugglerResult(where, doing, state.Result ?? {});
    if (state.Status !== 'InProgress') throw faultOf(operation, state);
    if (Date.now() > deadline) {
      throw fromServer(where, doing, {
        type: 'TimeoutException',
        message: 'The response has ended, but the operation is still in progress.',
      });
    }
    await sleep(pause, undefined, { ...(signal && { signal }) });
  }
}

function faultOf({ database, doing }: Operation, state: OperationState): RavenError {
  const { Type = 'OperationCanceledException', Message = '', StatusCode } = state.Result ?? {};
  return fromServer(database.where, doing, { type: Type, message: Message, status: StatusCode });
}

/** A failed upload looks like a closed connection; the operation on the server has the reason. */
async function causeOf(operation: Operation, error: unknown): Promise<unknown> {
  if (!(error instanceof RavenError) || error.status !== undefined) {
    return toRavenError(operation.database.where, operation.doing, error);
  }
  const state = await operationState(operation).catch(() => undefined);
  return state?.Status === 'Faulted' ? faultOf(operation, state) : error;
}

/** Waits until the server is done with an operation that it was told to stop: another one would slow it down further. */
async function stopped(operation: Operation): Promise<void> {
  const { signal, tuning } = operation.database.http;
  const deadline = Date.now() + tuning.stuckMs;
  while (Date.now() < deadline && !signal?.aborted) {
    const state = await operationState(operation).catch(() => undefined);
    if (state?.Status !== 'InProgress') return;
    await sleep(tuning.operationLookMs, undefined, { ...(signal && { signal }) }).catch(() => undefined);
  }
}

async function reportProgress(
  operation: Operation,
  onProgress: (state: SmugglerState) => void,
): Promise<void> {
  const { signal, tuning } = operation.database.http;
  while (!signal?.aborted) {
    try {
      await sleep(tuning.operationLookMs, undefined, { ...(signal && { signal }) });
      const state = await operationState(operation);
      if (state?.Progress) onProgress(state.Progress);
    } catch {
      // progress is optional: the export itself reports what went wrong
    }
  }
}

/**
 * Stops an operation on the server, so that nothing keeps writing after we are gone. Best effort, with a time limit.
 */
async function kill({ database, id }: Operation): Promise<void> {
  const { tuning, unaborted } = database.http;
  await unaborted
    .within(AbortSignal.timeout(tuning.killWithinMs))
    .json({
      doing: 'Stopping an operation',
      database: database.name,
      method: 'POST',
      path: database.path(`operations/kill?id=${id}`),
    })
    .catch(() => undefined);
}
