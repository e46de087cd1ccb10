import { describe, expect, test } from 'vitest';
import {
  Arrival,
  describeReplication,
  describeTask,
  innermostMessage,
  isConnected,
  NEEDS_LICENSE,
  type ReplicationHealth,
  type ReplicationProcess,
  type ReplicationProgress,
  type ReplicationTaskInfo,
  replicationTrouble,
  type Sent,
  sentBy,
} from '../../../src/core/replication/replication.ts';

/** As `GET replication/progress` writes it. */
const PROCESS: ReplicationProcess & Record<string, unknown> = {
  FromToString: 'from shop at A to [shop-sharded @ http://b:8080]',
  Completed: true,
  LastEtagSent: 123,
  SourceChangeVector: 'A:123-abc',
  DestinationChangeVector: 'A:123-abc',
  NumberOfDocumentsToProcess: 0,
  TotalNumberOfDocuments: 50,
  NumberOfDocumentTombstonesToProcess: 0,
  TotalNumberOfDocumentTombstones: 3,
  NumberOfRevisionsToProcess: 0,
  TotalNumberOfRevisions: 20,
  TotalNumberOfRevisionTombstones: 7,
  NumberOfAttachmentsToProcess: 0,
  TotalNumberOfAttachments: 10,
  TotalNumberOfAttachmentTombstones: 9,
  NumberOfCounterGroupsToProcess: 0,
  TotalNumberOfCounterGroups: 4,
  NumberOfTimeSeriesSegmentsToProcess: 0,
  TotalNumberOfTimeSeriesSegments: 5,
  NumberOfTimeSeriesDeletedRangesToProcess: 0,
  TotalNumberOfTimeSeriesDeletedRanges: 1,
};

function progress(name: string, ...processes: Partial<ReplicationProcess>[]): ReplicationProgress {
  return { TaskName: name, ProcessesProgress: processes.map((each) => ({ ...PROCESS, ...each })) };
}

describe('what a task has sent', () => {
  test('is unknown while it is not connected', () => {
    expect(sentBy([], 'mine')).toBeUndefined();
    expect(sentBy([progress('other', {})], 'mine')).toBeUndefined();
    expect(sentBy([progress('mine')], 'mine')).toBeUndefined();
  });

  test('is summed up over what RavenDB counts both ways, deletions of revisions and attachments left out', () => {
    expect(sentBy([progress('other', { LastEtagSent: 1 }), progress('mine', {})], 'mine')).toEqual({
      completed: true,
      lastEtag: 123,
      left: 0,
      total: 93,
    });
    const busy = {
      Completed: false,
      NumberOfDocumentsToProcess: 2,
      NumberOfTimeSeriesDeletedRangesToProcess: 1,
    };
    expect(sentBy([progress('mine', busy)], 'mine')).toMatchObject({ completed: false, left: 3 });
  });

  test('of several connections is what the slowest has', () => {
    const slow = { Completed: false, LastEtagSent: 7, NumberOfRevisionsToProcess: 5 };
    expect(sentBy([progress('mine', {}, slow)], 'mine')).toMatchObject({
      completed: false,
      lastEtag: 7,
      left: 5,
    });
  });

  test('does not need fields that another version of RavenDB leaves out', () => {
    const bare = { TaskName: 'mine', ProcessesProgress: [{ Completed: true, LastEtagSent: 5 }] };
    expect(sentBy([bare], 'mine')).toEqual({ completed: true, lastEtag: 5, left: 0, total: 0 });
  });
});

describe('everything has arrived', () => {
  const sent = (lastEtag: number, completed = true): Sent => ({ completed, lastEtag, left: 0, total: 9 });
  /** Looks a second apart. */
  const looks = (etag: number, ...all: (Sent | undefined)[]) => {
    const arrival = new Arrival(etag, 30_000);
    return all.map((look, second) => arrival.see(look, second * 1000));
  };

  test('when the etag was reached and nothing was left, twice in a row', () => {
    expect(looks(10, sent(10), sent(10))).toEqual([false, true]);
    expect(looks(10, sent(10), sent(12))).toEqual([false, true]);
  });

  test('not when one look in between says otherwise, or finds no connection', () => {
    expect(looks(10, sent(10), sent(10, false), sent(10), sent(10))).toEqual([false, false, false, true]);
    expect(looks(10, sent(10), undefined, sent(10), sent(10))).toEqual([false, false, false, true]);
    expect(looks(10, sent(10), sent(9), sent(10), sent(10))).toEqual([false, false, false, true]);
  });

  test('not when nothing is left of what is counted, but the etag is not reached', () => {
    expect(looks(10, ...Array.from({ length: 20 }, () => sent(9)))).not.toContain(true);
  });

  test('when a task has stood still for half a minute with nothing left: no item may have the last etag', () => {
    const all = looks(10, ...Array.from({ length: 32 }, () => sent(9)));
    expect(all.indexOf(true)).toBe(30);
  });

  test('not when it stood still with something left, or moved, or was away', () => {
    const still = Array.from({ length: 20 }, () => sent(9));
    expect(looks(10, ...Array.from({ length: 60 }, () => sent(9, false)))).not.toContain(true);
    expect(looks(10, ...still, sent(8), ...still.map(() => sent(8)))).not.toContain(true);
    expect(looks(10, ...still, undefined, ...still)).not.toContain(true);
  });

  test('of an empty source at once', () => {
    expect(looks(0, sent(0), sent(0))).toEqual([false, true]);
  });
});

describe('a task in words', () => {
  const info = (fields: Partial<ReplicationTaskInfo>): ReplicationTaskInfo => ({
    TaskState: 'Enabled',
    TaskConnectionStatus: 'Active',
    ResponsibleNode: { NodeTag: 'A' },
    Error: null,
    ...fields,
  });
  const idle: Sent = { completed: true, lastEtag: 5, left: 0, total: 5 };

  test.each<[string, ReplicationTaskInfo | undefined, Sent | undefined, boolean]>([
    ['the task does not exist', undefined, undefined, false],
    ['disabled', info({ TaskState: 'Disabled', TaskConnectionStatus: 'NotActive' }), undefined, false],
    ['disabled', info({ TaskState: 'Disabled' }), idle, false],
    ['connected', info({}), idle, true],
    ['sending', info({}), { ...idle, left: 3 }, true],
    ['connected', info({}), undefined, false],
    ['connected', info({ TaskConnectionStatus: 'NotOnThisNode' }), idle, true],
    ['cannot reach the target, retrying', info({ TaskConnectionStatus: 'Reconnect' }), undefined, false],
    [
      'running on node B',
      info({ TaskConnectionStatus: 'NotOnThisNode', ResponsibleNode: { NodeTag: 'B' } }),
      undefined,
      false,
    ],
    [
      'running on node unknown',
      info({ TaskConnectionStatus: 'NotOnThisNode', ResponsibleNode: null }),
      undefined,
      false,
    ],
    // it was listed a moment ago
    ['the task does not exist', undefined, idle, true],
    ['not connected yet', info({ TaskConnectionStatus: 'NotActive' }), undefined, false],
    ['not connected yet', info({ TaskConnectionStatus: 'None', ResponsibleNode: null }), undefined, false],
  ])('%s', (words, task, sent, connected) => {
    expect(describeTask(task, sent)).toBe(words);
    expect(isConnected(task, sent)).toBe(connected);
  });

  const health: ReplicationHealth = {
    state: 'connected',
    left: 0,
    behindSince: null,
    lastContact: null,
    error: null,
  };

  test('in one line, with what there is to say', () => {
    expect(describeReplication(health)).toBe('connected');
    expect(describeReplication({ ...health, state: 'sending', left: 1 })).toBe('sending, 1 item left');
    expect(
      describeReplication({
        ...health,
        state: 'sending',
        left: 1200,
        behindSince: '2026-01-01T00:00:00.000Z',
      }),
    ).toBe('sending, 1,200 items left, behind since 2026-01-01T00:00:00.000Z');
    expect(
      describeReplication({
        ...health,
        state: 'cannot reach the target, retrying',
        left: null,
        lastContact: '2026-01-01T00:00:00.000Z',
        error: 'Connection refused',
      }),
    ).toBe(
      'cannot reach the target, retrying, last contact 2026-01-01T00:00:00.000Z, RavenDB says: Connection refused',
    );
  });

  test('its trouble has no figures, so that it is told once', () => {
    expect(replicationTrouble({ ...health, state: 'sending', left: 3 })).toBeUndefined();
    expect(replicationTrouble({ ...health, state: 'disabled', left: null })).toBe('disabled');
    expect(replicationTrouble({ ...health, state: 'not connected yet', left: null, error: 'no' })).toBe(
      'not connected yet, RavenDB says: no',
    );
  });
});

describe('the innermost message of what .NET writes of an exception', () => {
  test.each([
    [
      'a chain',
      `An exception was thrown while trying to connect to 'http://127.0.0.1:9':
Raven.Client.Exceptions.RavenException: An exception occurred while contacting http://127.0.0.1:9/info/tcp.
System.Net.Http.HttpRequestException: Connection refused (127.0.0.1:9)
 ---> System.Net.Sockets.SocketException (111): Connection refused
   at System.Net.Sockets.Socket.ConnectAsync(Socket socket)
   --- End of inner exception stack trace ---
   at System.Net.Http.HttpConnectionPool.ConnectToTcpHostAsync(String host)`,
      'Connection refused',
    ],
    [
      'the same exception twice in a line',
      `An exception was thrown while trying to connect to 'http://a':
Raven.Client.Exceptions.Database.DatabaseDoesNotExistException: Raven.Client.Exceptions.Database.DatabaseDoesNotExistException: Database 'nope' does not exist.
   at Raven.Client.Exceptions.Database.DatabaseDoesNotExistException.Throw(String databaseName)`,
      "Database 'nope' does not exist.",
    ],
    ['an exception of no kind', 'System.Exception: it is full\n   at X()', 'it is full'],
    ['a message with a colon', 'System.InvalidOperationException: it says: no\n   at X()', 'it says: no'],
    [
      'several exceptions, of which the first counts',
      `System.AggregateException: One or more errors occurred. (the disk is full)
 ---> System.IO.IOException: the disk is full
   at Voron.Write()
   --- End of inner exception stack trace ---
   at Raven.Server.Put()
 ---> (Inner Exception #1) System.TimeoutException: nobody answers<---`,
      'the disk is full',
    ],
    ['no stack', 'It failed:\nSystem.IO.IOException: the disk is full  ', 'the disk is full'],
    [
      'a place in the message',
      'System.IO.IOException: the node at b is gone\n   at X()',
      'the node at b is gone',
    ],
    ['empty lines before it', '\n  \nthe other side is gone\n   at X()', 'the other side is gone'],
    ['no exception', 'the other side is gone\nmore', 'the other side is gone'],
    ['nothing', '', ''],
  ])('%s', (_what, text, message) => {
    expect(innermostMessage(text)).toBe(message);
  });
});

test('without the license for replication another way is named, which needs none', () => {
  expect(NEEDS_LICENSE).toMatch(/HasExternalReplication\. Use .* method "stream": it .* needs no license\.$/);
});
