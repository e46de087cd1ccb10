import { describe, expect, test } from 'vitest';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';
import {
  readCounts,
  readSmugglerResult,
  ShardCounts,
  type SmugglerState,
} from '../../../src/ravendb/smuggler/smuggler-result.ts';

const CONTEXT = { connection: 'prod', database: 'shop' };

const NONE = {
  StartTime: '2026-01-01T20:03:20.0000000Z',
  Processed: true,
  ReadCount: 0,
  Skipped: false,
  ErroredCount: 0,
  SizeInBytes: 0,
};
const SKIPPED = { ...NONE, Processed: true, Skipped: true };

/** A result as a server gives it: everything is there, most of it zero. */
function result(more: object = {}): SmugglerState {
  return {
    $type: 'Raven.Client.Documents.Smuggler.SmugglerResult, Raven.Client',
    Documents: { ...NONE, SkippedCount: 0, LastEtag: 0, Attachments: { ...NONE } },
    RevisionDocuments: { ...NONE, SkippedCount: 0, LastEtag: 0, Attachments: { ...NONE } },
    Tombstones: { ...NONE, LastEtag: 0 },
    Conflicts: { ...NONE, LastEtag: 0 },
    Identities: { ...NONE },
    Indexes: { ...NONE },
    CompareExchange: { ...NONE, LastEtag: 0 },
    Subscriptions: { ...SKIPPED },
    Counters: { ...NONE, SkippedCount: 0, LastEtag: 0 },
    CompareExchangeTombstones: { ...SKIPPED },
    TimeSeries: { ...NONE, SkippedCount: 0, LastEtag: 0 },
    TimeSeriesDeletedRanges: { ...SKIPPED, SkippedCount: 0, LastEtag: 0 },
    ReplicationHubCertificates: { ...SKIPPED },
    DatabaseRecord: { ...NONE },
    Messages: ['[20:03:20 INFO] Started processing documents.'],
    Elapsed: '00:00:00.1100000',
    ...more,
  } as SmugglerState;
}

const COPY = result({
  Documents: {
    ...NONE,
    ReadCount: 1059,
    SizeInBytes: 718_706,
    LastEtag: 8883,
    Attachments: { ReadCount: 17 },
  },
  RevisionDocuments: { ...NONE, ReadCount: 30, LastEtag: 8885, Attachments: { ReadCount: 3 } },
  Counters: { ...NONE, ReadCount: 12 },
  TimeSeries: { ...NONE, ReadCount: 400 },
  Identities: { ...NONE, ReadCount: 1 },
  Indexes: { ...NONE, ReadCount: 4 },
  CompareExchange: { ...NONE, ReadCount: 7, LastEtag: 7 },
});

describe('the counts of a transfer', () => {
  test('are those of each kind, attachments of documents and revisions together', () => {
    expect(readCounts(COPY)).toEqual({
      documents: 1059,
      revisions: 30,
      attachments: 20,
      counterGroups: 12,
      timeSeriesEntries: 400,
      identities: 1,
      indexes: 4,
      compareExchange: 7,
    });
  });

  test('of deletions have kinds of their own', () => {
    const state = result({
      Tombstones: { ...NONE, ReadCount: 2 },
      CompareExchangeTombstones: { ...NONE, ReadCount: 3 },
      TimeSeriesDeletedRanges: { ...NONE, ReadCount: 4 },
    });
    expect(readCounts(state)).toEqual({
      tombstones: 2,
      compareExchangeTombstones: 3,
      timeSeriesDeletedRanges: 4,
    });
  });

  test('leave out a kind that was not asked for, though the server counts what it skipped', () => {
    const state = result({
      Documents: { ...SKIPPED, ReadCount: 1059 },
      Indexes: { ...SKIPPED, ReadCount: 4 },
      Tombstones: { ...NONE, ReadCount: 2 },
    });
    expect(readCounts(state)).toEqual({ tombstones: 2 });
  });

  test('leave out the attachments of a kind that was not asked for', () => {
    const state = result({ Documents: { ...SKIPPED, ReadCount: 5, Attachments: { ...NONE, ReadCount: 9 } } });
    expect(readCounts(state)).toEqual({});
    const without = result({
      Documents: { ...NONE, ReadCount: 5, Attachments: { ...SKIPPED, ReadCount: 9 } },
    });
    expect(readCounts(without)).toEqual({ documents: 5 });
  });

  test('are without the items that were skipped one by one', () => {
    const state = result({ Documents: { ...NONE, ReadCount: 100, SkippedCount: 40, Attachments: NONE } });
    expect(readCounts(state)).toEqual({ documents: 60 });
  });

  test('are empty for nothing, and for a state that has just begun', () => {
    expect(readCounts(result())).toEqual({});
    expect(readCounts({})).toEqual({});
    expect(readCounts({ Documents: {} })).toEqual({});
  });
});

/** What an export from a sharded database gives. */
function sharded(...results: SmugglerState[]): SmugglerState {
  return {
    $type: 'Raven.Client.Documents.Smuggler.ShardedSmugglerResult, Raven.Client',
    Results: results.map((each, shard) => ({
      $type: 'Raven.Client.Documents.Smuggler.ShardNodeSmugglerResult, Raven.Client',
      ShardNumber: shard,
      NodeTag: 'A',
      Result: each,
    })),
  } as SmugglerState;
}

const FIRST = result({
  Documents: { ...NONE, ReadCount: 20, SkippedCount: 5 },
  Identities: { ...NONE, ReadCount: 3 },
});
const SECOND = result({
  Documents: { ...NONE, ReadCount: 30, SkippedCount: 1, Attachments: { ReadCount: 2 } },
});

describe('an export from a sharded database', () => {
  test('gives the sums of all shards', () => {
    expect(readSmugglerResult(CONTEXT, 'Export', sharded(FIRST, SECOND))).toEqual({
      counts: { documents: 44, identities: 3, attachments: 2 },
      skipped: { documents: 6 },
      warnings: [],
    });
  });

  test('gives the warnings of all shards', () => {
    const [one, two] = ['[20:03:20 WARNING] One.', '[20:03:21 WARNING] Two.'];
    const state = sharded(result({ Messages: [one] }), result({ Messages: [two] }));
    expect(readSmugglerResult(CONTEXT, 'Export', state).warnings).toEqual([one, two]);
  });

  test('is an error when one shard could not import every item', () => {
    const error = refusal(sharded(FIRST, result({ Documents: { ...NONE, ReadCount: 5, ErroredCount: 1 } })));
    expect(error).toMatchObject({ kind: 'ItemsRefused' });
    expect(error.message).toContain('(Documents)');
  });

  test('tells of one shard at a time while it runs, and what is told adds up', () => {
    const shards = new ShardCounts();
    const of = (shard: number, documents: number) =>
      shards.add({ ShardNumber: shard, Documents: { ReadCount: documents } });
    expect(of(0, 10)).toEqual({ documents: 10 });
    expect(of(0, 20)).toEqual({ documents: 20 });
    expect(of(1, 5)).toEqual({ documents: 25 });
    expect(of(2, 7)).toEqual({ documents: 32 });
    expect(new ShardCounts().add({ Documents: { ReadCount: 4 } })).toEqual({ documents: 4 });
  });
});

describe('an ended operation', () => {
  test('tells how many items of what was asked for were left out', () => {
    const state = result({
      Documents: { ...NONE, ReadCount: 100, SkippedCount: 40, Attachments: NONE },
      TimeSeries: { ...SKIPPED, ReadCount: 9, SkippedCount: 9 },
    });
    expect(readSmugglerResult(CONTEXT, 'Export', state)).toMatchObject({
      counts: { documents: 60 },
      skipped: { documents: 40 },
    });
    expect(readSmugglerResult(CONTEXT, 'Export', state).skipped).toEqual({ documents: 40 });
  });

  test('gives counts, and no warnings where there are none', () => {
    expect(readSmugglerResult(CONTEXT, 'Import', COPY)).toEqual({
      counts: readCounts(COPY),
      skipped: {},
      warnings: [],
    });
    expect(readSmugglerResult(CONTEXT, 'Import', {})).toEqual({ counts: {}, skipped: {}, warnings: [] });
  });

  test('gives the warnings of the server and no other message', () => {
    const warning =
      '[20:03:20 WARNING] Skipping the index "Daily": OutputReduceToCollection is not supported.';
    const messages = ['[20:03:19 INFO] Started.', warning, '[20:03:21 INFO] Done.'];
    expect(readSmugglerResult(CONTEXT, 'Import', result({ Messages: messages })).warnings).toEqual([warning]);
  });

  test.each([
    'Documents',
    'RevisionDocuments',
    'Tombstones',
    'Counters',
    'TimeSeries',
    'TimeSeriesDeletedRanges',
    'CompareExchange',
    'CompareExchangeTombstones',
    'Identities',
    'Indexes',
  ])('that could not import every item of %s is an error', (kind) => {
    const error = refusal(result({ [kind]: { ...NONE, ReadCount: 5, ErroredCount: 1 } }));
    expect(error).toMatchObject({ kind: 'ItemsRefused', retryable: false });
    expect(error.message).toContain(
      `at database "shop" on connection "prod" could not import every item (${kind})`,
    );
  });

  test('that lost an attachment is an error', () => {
    const attachments = { ...NONE, ReadCount: 9, ErroredCount: 1 };
    const error = refusal(result({ Documents: { ...NONE, ReadCount: 5, Attachments: attachments } }));
    expect(error).toMatchObject({ kind: 'ItemsRefused', retryable: false });
  });

  test('names every kind that lost something, and an example', () => {
    const error = refusal(
      result({
        Documents: { ...NONE, ErroredCount: 2 },
        Indexes: { ...NONE, ErroredCount: 1 },
        Messages: [
          '[20:03:20 INFO] Started.',
          '[20:03:21 ERROR] Could not write orders/1',
          '[20:03:22 ERROR] More',
        ],
      }),
    );
    expect(error.message).toContain('(Documents, Indexes)');
    expect(error.message).toContain('RavenDB says: [20:03:21 ERROR] Could not write orders/1');
    expect(error.message).not.toContain('More');
  });

  // a sharded database takes each item of the record and calls it an error nevertheless
  test('that did not take a part of the record says so among the warnings', () => {
    const messages = [
      "[20:03:20 ERROR] Could not write database record: The database record 'shop' is sharded and doesn't contain topology directly.",
      '[20:03:20 ERROR] Could not write database record: Cannot add the task.',
      '[20:03:20 ERROR] Import of Expiration was skipped due to insufficient permissions on your current certificate.',
    ];
    const { warnings } = readSmugglerResult(CONTEXT, 'Import', result({ Messages: messages }));
    expect(warnings).toEqual(messages.slice(1));
  });

  test('whose record has an error is none', () => {
    const state = result({
      DatabaseRecord: { ...NONE, ErroredCount: 1 },
      Messages: [
        "[20:03:20 ERROR] Could not write database record: The database record 'shop' is sharded and doesn't contain topology directly.",
      ],
    });
    expect(readSmugglerResult(CONTEXT, 'Import', state)).toEqual({ counts: {}, skipped: {}, warnings: [] });
  });
});

function refusal(state: SmugglerState): RavenError {
  try {
    readSmugglerResult(CONTEXT, 'Import', state);
  } catch (error) {
    if (error instanceof RavenError) return error;
  }
  throw new Error('the result was taken');
}
