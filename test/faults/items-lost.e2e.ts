import { afterAll, beforeAll, expect, test } from 'vitest';
import { Application } from '../support/data/application.ts';
import { createItems } from '../support/data/databases.ts';
import { differences } from '../support/oracle/compare.ts';
import { Stack } from '../support/servers/stack.ts';
import { TamperingProxy } from '../support/servers/tampering-proxy.ts';

/** What RavenDB says of an import. */
interface State {
  Status: string;
  Result?: { Documents?: { ReadCount: number } };
}

let stack: Stack;
let proxy: TamperingProxy;
let target: string;
/** The documents that the target has lost. */
const lost: string[] = [];

beforeAll(async () => {
  stack = await Stack.open();
  target = stack.databaseName('target');
  const path = new RegExp(`/databases/${target}\\$0/operations/state`);
  proxy = await TamperingProxy.before(stack.addresses.ravendbUrl, [{ path, change: losing }]);
  stack.ravendbUrlForWorker = proxy.url;
  await stack.startWorker();
});
afterAll(async () => {
  await stack?.close();
  await proxy?.close();
});

/** Takes away one document of the first import that has some, and lets the server say so. */
async function losing(body: Buffer): Promise<Buffer> {
  const state = JSON.parse(body.toString()) as State;
  const documents = state.Result?.Documents;
  if (state.Status !== 'Completed' || !documents?.ReadCount || lost.length > 0) return body;
  documents.ReadCount--;
  const shard = new Application(stack.raven, `${target}$0`);
  const { Results } = JSON.parse(await shard.send('GET', 'docs?start=0&pageSize=1')) as {
    Results: { '@metadata': { '@id': string } }[];
  };
  const id = Results[0]?.['@metadata']['@id'] ?? '';
  await new Application(stack.raven, target).delete(id);
  lost.push(id);
  return Buffer.from(JSON.stringify(state));
}

test('a load of which the shards say that they took less is sent again', async () => {
  const source = stack.databaseName('source');
  await createItems(stack.raven, source, 300);
  const migration = await stack.migrate(source, { target });
  const { verification, refused } = await migration.reaches('awaiting-approval');
  expect(lost).toHaveLength(1);
  expect(verification).toMatchObject({ mismatches: 0 });
  expect(refused ?? []).toEqual([]);
  expect(await differences(stack.raven, source, target)).toEqual([]);
  await migration.handle.executeUpdate('abort', { args: [{ by: 'ann' }] });
  expect((await migration.failure()).type).toBe('Aborted');
});
