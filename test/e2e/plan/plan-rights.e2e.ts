import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/config.ts';
import type { DatabaseRef } from '../../../src/core/contract/contract.ts';
import { leftToDo } from '../../../src/engine/cutover/left-to-do.ts';
import type { Work } from '../../../src/engine/work/work.ts';
import { Connections } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { createShardedDatabase, databaseRecord } from '../../../src/ravendb/requests/databases.ts';
import { createDatabase, putItems } from '../../support/data/databases.ts';
import { Secured } from '../../support/servers/secured.ts';
import { Stack } from '../../support/servers/stack.ts';
import { plan, side, statuses } from '../../support/work/planning.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await Stack.open();
});
afterAll(() => stack.close());

describe('rights', () => {
  let secured: Secured;

  beforeAll(async () => {
    secured = await Secured.start();
    await createDatabase(secured.raven, 'Shop');
    await putItems(secured.raven, 'Shop', 100);
    await createShardedDatabase(new Database(secured.raven, 'Ready'), { shards: 2, replicationFactor: 1 });
    await secured.addCertificate('operator', 'Operator', {});
    await secured.addCertificate('admin', 'ValidUser', { Shop: 'Admin', Ready: 'Admin' });
    await secured.addCertificate('writer', 'ValidUser', { Shop: 'ReadWrite', Ready: 'ReadWrite' });
    secured.makeCertificate('stranger');
    await stack.startWorker(secured.environment('operator', 'admin', 'writer', 'stranger'));
  });
  afterAll(() => secured?.close());

  const over = (connection: string, database: string) => ({
    source: side('Shop', connection),
    target: { ...side(database, connection), shards: 2 },
  });
  const RIGHTS = ['rights on the source', 'rights on the target'];

  test('of an operator suffice for a new target, and for a sample', async () => {
    const planned = await plan(stack, over('operator', 'New'));
    expect(planned.possible).toBe(true);
    expect(statuses(planned)).toEqual({});
    expect(planned.estimate?.sample.documents).toBe(100);
    expect(await databaseRecord(new Database(secured.raven, 'New'))).toBeUndefined();
  });

  test('of both databases suffice for a target that is there, without a sample', async () => {
    const planned = await plan(stack, over('admin', 'Ready'));
    expect(planned).toMatchObject({ possible: true, forecast: { documents: 100 }, estimate: null });
    expect(statuses(planned)).toEqual({ 'disk of the target': 'warning', freeze: 'warning' });
    expect(planned.estimateNote).toContain('only clearance Operator');
    expect(statuses(await plan(stack, over('admin', 'New')), ...RIGHTS)).toEqual({
      'rights on the source': 'ok',
      'rights on the target': 'blocker',
    });
  });

  test('that certificates lack on the target are told after the switch, where ours may read them', async () => {
    await secured.addCertificate('application', 'ValidUser', { Shop: 'ReadWrite' });
    const config = loadConfig({ ...stack.environment(), ...secured.environment('operator', 'admin') });
    const connections = new Connections(config.connections, config.tuning.connection);
    const database = (ref: DatabaseRef) => new Database(connections.get(ref.connection), ref.database);
    const asked = (connection: string) => {
      const [source, target] = [side('Shop', connection), side('Ready', connection)];
      return leftToDo({ database } as Work, { source, target });
    };
    try {
      const text =
        '"application" (ReadWrite): may do less on "Ready" than on "Shop". Edit the certificate there.';
      expect(await asked('operator')).toContainEqual({ about: 'Certificates', text });
      const unknown = { about: 'Certificates', text: expect.stringContaining('takes clearance Operator') };
      expect(await asked('admin')).toContainEqual(unknown);
    } finally {
      connections.close();
    }
  });

  test.each([
    ['writer', 'needs Admin on "Shop"'],
    ['stranger', 'unknown to the server'],
  ])('of a %s do not', async (connection, reason) => {
    const planned = await plan(stack, over(connection, 'Ready'));
    expect(planned).toMatchObject({ possible: false, forecast: null, estimate: null });
    expect(statuses(planned, ...RIGHTS)).toEqual({
      'rights on the source': 'blocker',
      'rights on the target': 'blocker',
    });
    expect(planned.checks.map(({ message }) => message).join()).toContain(reason);
  });
});
