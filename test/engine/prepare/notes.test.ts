// The server here is plain node:http with compare exchange alone: it tests what is written on it, and in which order.
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TargetRef } from '../../../src/core/contract/contract.ts';
import { ledgersOf } from '../../../src/core/files/files.ts';
import { claimTarget, releaseTarget } from '../../../src/engine/prepare/claim.ts';
import { forgetPartialImport } from '../../../src/engine/prepare/import-ledger.ts';
import type { Work } from '../../../src/engine/work/work.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { type PlainServer, startPlainServer } from '../../support/servers/plain-server.ts';

let server: PlainServer;
let database: Database;
let documents: number;
let keys: Map<string, { value: string; index: number }>;
/** What others do right after the documents were counted. */
let meanwhile: () => void;

beforeEach(async () => {
  documents = 0;
  keys = new Map();
  meanwhile = () => undefined;
  let index = 1;
  server = await startPlainServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const body = await text(request);
    if (pathname === '/debug/routes')
      return response.end('{"Production":[{"Path":"/databases/*/stats/essential"}]}');
    if (pathname.endsWith('/stats/essential')) {
      response.end(JSON.stringify({ CountOfDocuments: documents }));
      meanwhile();
      meanwhile = () => undefined;
      return;
    }
    const key = searchParams.get('key') ?? '';
    const known = keys.get(key);
    if (request.method === 'GET') {
      const prefix = searchParams.get('startsWith');
      const found = [...keys]
        .filter(([name]) => (prefix === null ? name === key : name.startsWith(prefix)))
        .map(([name, each]) => `{"Key":${JSON.stringify(name)},"Value":${each.value},"Index":${each.index}}`);
      return response.end(`{"Results":[${found.join(',')}]}`);
    }
    const Successful = Number(searchParams.get('index')) === (known?.index ?? 0);
    if (Successful && request.method === 'PUT') keys.set(key, { value: body, index: index++ });
    if (Successful && request.method === 'DELETE') keys.delete(key);
    return response.end(JSON.stringify({ Successful }));
  });
  database = new Database(server.connection, 'sharded');
});
afterEach(() => server.close());

const target = { connection: 'prod', database: 'sharded', allowExistingData: false } as TargetRef;

function workOf(workflowId: string, running: readonly string[] = []): Work {
  const work: Partial<Work> = {
    workflowId,
    database: () => database,
    isRunning: async (id) => running.includes(id),
  };
  return work as Work;
}

describe('a claim on a target that must be empty', () => {
  const claim = (id: string) => claimTarget(workOf(id), { target, firstRunId: id, mustBeEmpty: true });

  test('is made on an empty one, and again by the run that holds it, whatever that has written', async () => {
    await claim('one');
    documents = 7;
    await claim('one');
    expect(keys.size).toBe(1);
  });

  test('is refused when another run has filled the target since, and is not written', async () => {
    documents = 7;
    await expect(claim('two')).rejects.toMatchObject({ kind: 'TargetNotEmpty', retryable: false });
    expect(keys.size).toBe(0);
  });

  test('looks again when somebody else claims it meanwhile', async () => {
    meanwhile = () => {
      keys.set('shardlift/claim', { value: '{"Object":{"workflowId":"one"}}', index: 99 });
      documents = 7;
    };
    await expect(claim('two')).rejects.toMatchObject({ kind: 'TargetNotEmpty' });
  });
});

test('a claim on a target with other documents asks for nothing', async () => {
  documents = 7;
  await claimTarget(workOf('one'), { target, firstRunId: 'one' });
  expect(keys.size).toBe(1);
});

describe('what is removed is what was meant', () => {
  const note = (name: string) => keys.set(`shardlift/${name}`, { value: '{"Object":{}}', index: 50 });

  test('the ledgers of a run, and not of one whose id begins with the same', async () => {
    await claimTarget(workOf('a'), { target, firstRunId: 'a' });
    for (const id of ['a', 'a/b', 'ab']) note(`${ledgersOf(id)}storage`.toLowerCase());
    await releaseTarget(workOf('a'), { target, firstRunId: 'a' });
    expect([...keys.keys()]).toEqual(['shardlift/imports/a%2fb/storage', 'shardlift/imports/ab/storage']);
  });

  test('the note of a partial import, and not what begins with its name', async () => {
    note('begun');
    note('begun-by-another');
    await forgetPartialImport(database);
    expect([...keys.keys()]).toEqual(['shardlift/begun-by-another']);
  });
});
