/** What a target of another version refuses is named before anything is copied. */
import { expect, test } from 'vitest';
import type { PlanResult } from '../../../src/core/run/results.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { databaseNames } from '../../../src/ravendb/requests/databases.ts';
import { Application } from '../data/application.ts';
import { createDatabase } from '../data/databases.ts';
import type { TwoVersions } from '../servers/two-versions.ts';

/** What the source has, beside an index that every server takes. */
export interface Definitions {
  /** Definitions of indexes that the target refuses, by name, and a part of its reason. */
  refused: Record<string, { definition: object; why: string }>;
  /** A setting of the database record whose value the target refuses. */
  setting?: { key: string; value: string };
}

const FINE = 'Orders/Fine';

/** Declares the tests. The worker runs. */
export function definitionsBetweenVersions(both: () => TwoVersions, { refused, setting }: Definitions): void {
  const ref = (database: string) => ({ connection: 'old', database });

  async function sourceWith(settings: Record<string, string> = {}): Promise<string> {
    const { old, stack } = both();
    const source = stack.databaseName('definitions');
    await createDatabase(old, source, settings);
    await new Application(old, source).put('orders/1', '{"Name":"a","@metadata":{"@collection":"Orders"}}');
    const definitions = Object.entries(refused).map(([Name, { definition }]) => ({ Name, ...definition }));
    const fine = { Name: FINE, Maps: ['from o in docs.Orders select new { o.Name }'] };
    await new Database(old, source).json({
      doing: 'Creating indexes',
      method: 'PUT',
      path: 'admin/indexes',
      json: { Indexes: [fine, ...definitions] },
    });
    return source;
  }

  function expectNamed(notCarried: readonly string[]): void {
    for (const [name, { why }] of Object.entries(refused))
      expect(notCarried).toContainEqual(expect.stringMatching(new RegExp(`^index "${name}".*${why}`)));
    expect(notCarried.join()).not.toContain(FINE);
  }

  test('what the target does not know is named by a migration before it copies, and by a plan', async () => {
    const { stack } = both();
    const source = await sourceWith();
    const into = () => ({ connection: 'local', database: stack.databaseName('target'), shards: 2 });
    const migration = await stack.migrate(source, {
      input: { source: ref(source), target: into(), maxItemsPerSecond: 1 },
    });
    await migration.reaches('copying');
    expectNamed((await migration.report()).notCarried);
    await migration.handle.signal('throttle', { maxItemsPerSecond: null });
    await migration.reaches('awaiting-approval');
    expect((await migration.progress()).verification?.mismatches).toBe(0);
    await migration.handle.executeUpdate('rejectCutover', { args: [{ by: 'ann' }] });

    const target = into();
    const planning = await stack.start({ source: ref(source), target }, undefined, 'planMigration');
    const plan: PlanResult = await planning.handle.result();
    expect(plan.possible).toBe(true);
    const message = plan.checks.find(({ name }) => name === 'indexes of another version')?.message;
    for (const name of Object.keys(refused)) expect(message).toContain(`"${name}"`);
    expectNamed(plan.notCarried);
    const names = await databaseNames(stack.raven);
    expect(names.filter((name) => name.startsWith('shardlift-'))).toEqual([]);
    expect(names).not.toContain(target.database);
  });

  if (!setting) return;
  test('a setting whose value the target refuses stands against the migration', async () => {
    const { key, value } = setting;
    const { stack } = both();
    const source = await sourceWith({ [key]: value });
    const target = { connection: 'local', database: stack.databaseName('target'), shards: 2 };
    const migration = await stack.start({ source: ref(source), target });
    const { type, message } = await migration.failure();
    expect(type).toBe('PlanBlocked');
    expect(message).toContain(key);
    expect(await databaseNames(stack.raven)).not.toContain(target.database);
  });
}
