import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MigrateDatabaseConfig } from '../../../src/core/contract/contract.ts';
import { defaultTuning } from '../../../src/core/contract/tuning.ts';
import { copySettings } from '../../../src/engine/database-wide/settings.ts';
import type { Work } from '../../../src/engine/work/work.ts';
import { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';

/** Enough of a RavenDB whose license forbids some settings: it takes a dump with one of those not at all. */
let server: Server;
/** As if a larger answer did not fit. */
const MOST_AT_A_TIME = 1_024;
let raven: RavenConnection;
let forbidden: string[];
let imports: string[][];
let subscriptions: Record<string, unknown[]>;
let records: Record<string, Record<string, unknown>>;

const input = {
  source: { connection: 'local', database: 'from' },
  target: { connection: 'local', database: 'into', allowExistingData: false },
} as MigrateDatabaseConfig;

beforeEach(async () => {
  forbidden = [];
  imports = [];
  subscriptions = { from: [], into: [] };
  const nothing = { Revisions: null, Client: null, DataArchival: null, Analyzers: {} };
  records = {
    from: {
      ...nothing,
      DatabaseName: 'from',
      Revisions: { Collections: { Users: { Disabled: false } } },
      Client: { Disabled: false, MaxNumberOfRequestsPerSession: 7 },
      DataArchival: { Disabled: false },
    },
    into: { ...nothing, DatabaseName: 'into' },
  };
  server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const [, , database = '', ...rest] = pathname.split('/');
    const path = rest.join('/');
    const body = await text(request);
    const answer = (json: unknown, status = 200) => {
      response.statusCode = status;
      response.end(JSON.stringify(json));
    };
    if (path === 'admin/record') return answer(records[database]);
    if (path === 'operations/next-operation-id') return answer({ Id: 1 });
    if (path === 'operations/state') return answer({ Status: 'Completed', Result: {} });
    if (path === 'subscriptions' && request.method === 'PUT') {
      const { Name, ...rest } = JSON.parse(body);
      const Type = 'Raven.Client.Exceptions.Commercial.LicenseLimitException';
      if (forbidden.includes(Name)) return answer({ Type, Message: 'Too many.' }, 402);
      subscriptions[database]?.push({ SubscriptionName: Name, ...rest });
      return answer({ Name });
    }
    if (path === 'subscriptions') {
      const start = Number(searchParams.get('start'));
      const end = start + Math.min(MOST_AT_A_TIME, Number(searchParams.get('pageSize')));
      return answer({ Results: subscriptions[database]?.slice(start, end) });
    }
    if (path === 'smuggler/export') {
      const dump = { BuildVersion: 71000, DatabaseRecord: records[database] };
      return response.end(zstdCompressSync(JSON.stringify(dump)));
    }
    const items = /"OperateOnDatabaseRecordTypes":"([^"]*)"/.exec(body)?.[1]?.split(',') ?? [];
    imports.push(items);
    const refused = items.find((item) => forbidden.includes(item));
    const Type = 'Raven.Client.Exceptions.Commercial.LicenseLimitException';
    if (refused) return answer({ Type, Message: `Not ${refused}.` }, 402);
    const dump = JSON.parse(/^\{"BuildVersion.*$/m.exec(body)?.[0] ?? '{}');
    for (const item of items) Object.assign(records.into ?? {}, { [item]: dump.DatabaseRecord[item] });
    answer({});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  raven = RavenConnection.open('local', {
    urls: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`],
  });
});
afterEach(() => {
  raven.close();
  server.closeAllConnections();
  server.close();
});

const work: Partial<Work> = {
  database: ({ database }) => new Database(raven, database),
  signal: new AbortController().signal,
  tuning: defaultTuning,
};

describe('settings', () => {
  test('go in one import, and not again when they are there', async () => {
    const outcomes = await copySettings(work as Work, input);
    expect(outcomes.map(({ setting, outcome }) => [setting, outcome])).toEqual([
      ['Revisions', 'carried'],
      ['DataArchival', 'carried'],
      ['Client', 'carried'],
    ]);
    expect(imports).toEqual([['Revisions', 'DataArchival', 'Client']]);
    expect(await copySettings(work as Work, input)).toEqual(outcomes);
    expect(imports).toHaveLength(1);
  });

  test('that the license of the target forbids are named with its words, and take no other with them', async () => {
    forbidden = ['Client', 'DataArchival'];
    expect(await copySettings(work as Work, input)).toEqual([
      { setting: 'Revisions', outcome: 'carried', advice: '' },
      { setting: 'DataArchival', outcome: 'refused', advice: expect.stringContaining('Not DataArchival.') },
      { setting: 'Client', outcome: 'refused', advice: expect.stringContaining('Not Client.') },
    ]);
    expect(imports).toEqual([
      ['Revisions', 'DataArchival', 'Client'],
      ['Revisions'],
      ['DataArchival', 'Client'],
      ['DataArchival'],
      ['Client'],
    ]);
  });

  test('end with the subscriptions, as many as the target takes', async () => {
    const subscription = (name: string) => ({ SubscriptionName: name, Query: 'from Users', Disabled: false });
    subscriptions.from = ['a', 'b', 'c'].map(subscription);
    forbidden = ['b', 'c'];
    const outcomes = await copySettings(work as Work, input);
    expect(outcomes.slice(-2)).toEqual([
      { setting: 'Subscriptions', outcome: 'carried', advice: expect.stringMatching(/^"a": /) },
      {
        setting: 'Subscriptions',
        outcome: 'refused',
        advice: expect.stringMatching(/^"b", "c": .*Too many/),
      },
    ]);
    expect(subscriptions.into).toEqual([{ SubscriptionName: 'a', Query: 'from Users', Disabled: true }]);
  });

  test('name all subscriptions of a source with more than one answer holds', async () => {
    const all = Array.from({ length: 2_500 }, (_, n) => ({ SubscriptionName: `s${n}`, Query: 'from Users' }));
    subscriptions.from = all;
    subscriptions.into = [...all];
    const [outcome] = (await copySettings(work as Work, input)).slice(-1);
    expect(outcome?.advice).toContain('"s2499"');
  });
});
