import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Application } from '../support/data/application.ts';
import { createDatabase, putItems } from '../support/data/databases.ts';
import { differences } from '../support/oracle/compare.ts';
import { Gate } from '../support/servers/gate.ts';
import { Stack } from '../support/servers/stack.ts';

const EXPORT = /smuggler\/export\?/;
/** No database has come so far: an export that starts here is complete and holds nothing. */
const BEYOND_ALL = 2 ** 52;

/** Asks the real server for an export from the wrong place. */
function beyondAll(line: string): string {
  if (!EXPORT.test(line)) return line;
  const rest = line.replace(/&start(Etag|RaftIndex)=\d+/g, '');
  return rest.replace(EXPORT, (path) => `${path}startEtag=${BEYOND_ALL}&startRaftIndex=${BEYOND_ALL}&`);
}

describe('exports that hold nothing never end in a target that lacks something', () => {
  let stack: Stack;
  let gate: Gate;

  beforeAll(async () => {
    stack = await Stack.open();
    gate = await Gate.before(stack.addresses.ravendbUrl);
    stack.ravendbUrlForWorker = gate.url;
    await stack.startWorker();
    return async () => {
      await gate.close();
      await stack.close();
    };
  });
  afterEach(() => gate.rewrite((line) => line));

  test.each(['stream', 'dump'] as const)(
    'where documents are, by %s: it fails and says so',
    async (method) => {
      const source = stack.databaseName('source');
      await createDatabase(stack.raven, source);
      await putItems(stack.raven, source, 500);
      gate.rewrite(beyondAll);
      const migration = await stack.migrate(source, { input: { method } });
      expect(await migration.failure()).toMatchObject({
        type: 'NothingCopied',
        message: expect.stringContaining('Nothing was copied, although the source has 500 documents.'),
      });
      expect(await migration.progress()).toMatchObject({ phase: 'failed' });
    },
  );

  test('where only compare-exchange items and identities are: it mends that before it completes', async () => {
    const [source, target] = [stack.databaseName('source'), stack.databaseName('target')];
    await createDatabase(stack.raven, source);
    const application = new Application(stack.raven, source);
    for (let n = 0; n < 20; n++) await application.putCompareExchange(`key/${n}`, `${n}.50`);
    await application.nextIdentity('orders|');
    gate.rewrite(beyondAll);
    const migration = await stack.migrate(source, { target });
    await migration.reaches('awaiting-approval');
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed' });
    expect(await differences(stack.raven, source, target)).toEqual([]);
  });

  test('where the source is written to meanwhile: it cannot be approved', async () => {
    const source = stack.databaseName('source');
    await createDatabase(stack.raven, source);
    await putItems(stack.raven, source, 500);
    gate.rewrite(beyondAll);
    const exporting = gate.hold(EXPORT);
    const migration = await stack.migrate(source);
    await exporting;
    await putItems(stack.raven, source, 100, 500);
    gate.open();
    const { verification } = await migration.reaches('awaiting-approval');
    expect(verification?.mismatches).toBeGreaterThanOrEqual(500);
    await expect(migration.approve()).rejects.toThrow();
    await migration.handle.executeUpdate('abort', { args: [{ by: 'ann', note: 'nothing arrived' }] });
    expect(await migration.failure()).toMatchObject({ type: 'Aborted' });
  });
});
