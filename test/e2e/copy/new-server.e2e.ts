import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EmbeddedRavenDb, startRavenDb } from '../../../dev/servers/index.ts';
import type { ImportResult, PlanResult } from '../../../src/core/run/results.ts';
import { Application } from '../../support/data/application.ts';
import { fullBackup } from '../../support/data/backups.ts';
import { createDatabase } from '../../support/data/databases.ts';
import { Stack } from '../../support/servers/stack.ts';
import { startByCli } from '../../support/servers/temporal-cli.ts';

/** RavenDB's server is passive until its first database is made. */
describe('into a server that has never had a database', () => {
  let stack: Stack;
  let source: string;
  let path: string;
  const servers: EmbeddedRavenDb[] = [];

  beforeAll(async () => {
    stack = await Stack.open();
    source = stack.databaseName('source');
    await createDatabase(stack.raven, source);
    await new Application(stack.raven, source).put('items/1', '{"@metadata":{"@collection":"Items"}}');
    path = join(stack.directory, 'backups');
    await fullBackup(stack.raven, source, path);
  });
  afterAll(async () => {
    await stack.close();
    for (const server of servers) await server.kill();
  });

  /** Starts one, and a worker that knows it as the connection `new`. */
  async function newServer(): Promise<void> {
    const server = await startRavenDb();
    servers.push(server);
    stack.taskQueue = stack.databaseName('queue');
    await stack.startWorker({ SHARDLIFT_CONNECTION_NEW_URLS: server.url });
  }

  test('backups are imported, after what is wrong with them has been said', async () => {
    await newServer();
    const target = { connection: 'new', database: 'Shop', shards: 2 };
    const nowhere = await startByCli(stack, 'importBackup', { backup: { path: '/of/nobody' }, target });
    expect((await nowhere.failure()).message).toMatch(/does not exist on this worker.*was not touched/);
    const run = await startByCli<ImportResult>(stack, 'importBackup', { backup: { path }, target });
    expect(await run.result()).toMatchObject({ phase: 'completed', documentsCompared: 1 });
  });

  test('a database is moved, after a plan that leaves the server as new as it was', async () => {
    await newServer();
    const target = { connection: 'new', database: 'Shop', shards: 2 };
    const planned = await startByCli<PlanResult>(stack, 'planMigration', {
      source: { connection: 'local', database: source },
      target,
    });
    const { possible, estimateNote } = await planned.result();
    expect({ possible, estimateNote }).toEqual({
      possible: true,
      estimateNote: expect.stringContaining('never had a database'),
    });
    expect(await nodesOf(servers.at(-1))).toEqual(['?']);
    const migration = await stack.migrate(source, {
      input: { target },
    });
    await migration.reaches('awaiting-approval');
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
  });

  test('a source there does not exist, and the plan says so', async () => {
    await newServer();
    const migration = await stack.migrate(source, {
      input: { source: { connection: 'new', database: 'Shop' } },
    });
    expect((await migration.failure()).message).toMatch(/"Shop" on connection "new" does not exist/);
  });
});

async function nodesOf(server: EmbeddedRavenDb | undefined): Promise<string[]> {
  const answer = await fetch(`${server?.url}/cluster/topology`);
  const { Topology } = (await answer.json()) as { Topology: { AllNodes: Record<string, string> } };
  return Object.keys(Topology.AllNodes);
}
