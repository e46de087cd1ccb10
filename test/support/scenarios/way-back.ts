/** Cutovers that are rolled back: what changes on the target meanwhile is on the old database then. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HookCall } from '../../../src/core/cutover/hooks.ts';
import type { LeftoversResult, PlanResult } from '../../../src/core/run/results.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { databaseNames } from '../../../src/ravendb/requests/databases.ts';
import { closableRecord, openDatabase } from '../../../src/ravendb/requests/fencing.ts';
import { databaseCounts } from '../../../src/ravendb/requests/statistics.ts';
import { Application } from '../data/application.ts';
import { createDatabase } from '../data/databases.ts';
import { differences } from '../oracle/compare.ts';
import { openAlone } from '../servers/alone.ts';
import { shardlift } from '../servers/shardlift-cli.ts';
import { type Migration, type Stack, until } from '../servers/stack.ts';

/** What is migrated, and what becomes of it on the target. */
export interface WayBack {
  create(application: Application): Promise<void>;
  /** Before the roll-back is asked for. */
  change(target: Application): Promise<void>;
}

/** Declares the tests. */
export function rolledBack({ create, change }: WayBack): void {
  let stack: Stack;
  let close: () => Promise<void>;
  let source: string;
  let target: string;
  let settings: string;
  let migration: Migration;

  beforeAll(async () => {
    ({ stack, close } = await openAlone());
    [source, target] = [stack.databaseName('source'), stack.databaseName('target')];
    settings = stack.databaseName('settings');
    await createDatabase(stack.raven, settings);
    const file = join(stack.directory, 'shardlift.yaml');
    await writeFile(file, JSON.stringify({ hooks: hooks() }));
    await stack.startWorker({ SHARDLIFT_CONFIG: file });
    await create(new Application(stack.raven, source));
    migration = await stack.migrate(source, {
      target,
      input: { freeze: 'fence', hooks: { afterSwitch: ['key', 'program'] } },
    });
    await migration.reaches('awaiting-approval');
  });
  afterAll(() => close());

  /** Each tells an application which database serves. */
  function hooks() {
    const program = `process.stdin.pipe(require('node:fs').createWriteStream(${JSON.stringify(told())}))`;
    return {
      key: { connection: 'local', database: settings, key: 'serving' },
      program: { command: [process.execPath, '--eval', program] },
    };
  }

  function told(): string {
    return join(stack.directory, 'told.json');
  }

  /** The database that serves, as both hooks have told. */
  async function serving(): Promise<string[]> {
    const answer = await new Application(stack.raven, settings).send('GET', 'cmpxchg?key=serving');
    const { Results } = JSON.parse(answer) as { Results: { Value: { Object: HookCall } }[] };
    const facts = JSON.parse(await readFile(told(), 'utf8')) as HookCall;
    return [Results[0]?.Value.Object.to.database ?? '', facts.to.database];
  }

  async function isOpen(name: string): Promise<boolean> {
    return await databaseCounts(new Database(stack.raven, name)).then(
      () => true,
      () => false,
    );
  }

  test('a rehearsal says what the cutover costs, and lets the source serve', async () => {
    const { code, stdout } = await shardlift(stack, 'rehearse', migration.id, '--by', 'ann').ended;
    expect(stdout).toMatch(/^Rehearsed: an outage of [\d,.]+ m?s\nThe source serves as before\.\n$/);
    expect(code).toBe(0);
    expect(await isOpen(source)).toBe(true);
    const { rehearsals } = await migration.reaches('awaiting-approval');
    expect(rehearsals).toMatchObject([{ by: 'ann', failure: null }]);
    expect(rehearsals?.[0]?.outageSeconds).toBeLessThan(30);
  });

  test('what changes on the target is on the old database after a roll-back', async () => {
    await migration.approve();
    await migration.reaches('observing');
    expect(await isOpen(source)).toBe(false);
    expect(await serving()).toEqual([target, target]);
    await change(new Application(stack.raven, target));
    const { code, stderr } = await shardlift(stack, 'roll-back', migration.id, '--by', 'ann').ended;
    expect(code, stderr).toBe(0);
    await until('it is over, or was undone', async () => {
      const { phase, attention } = await migration.progress();
      if (phase === 'rolled-back') return true;
      if (attention) throw new Error(attention);
      return false;
    });
    const failure = await migration.failure();
    expect(failure.type).toBe('CutoverRolledBack');
    expect(await isOpen(source)).toBe(true);
    expect(await isOpen(target)).toBe(false);
    expect(await serving()).toEqual([source, source]);
    expect((await databaseNames(stack.raven)).filter((name) => name.includes('shardlift'))).toEqual([]);
    for (const name of [source, target])
      expect(await closableRecord(new Database(stack.raven, name))).toMatchObject({ LockMode: 'Unlock' });
  });

  test('a plan and a cleanup say what became of the target', async () => {
    const [ofSource, ofTarget] = [source, target].map((database) => ({ connection: 'local', database }));
    const planning = await stack.start({ source: ofSource, target: ofTarget }, undefined, 'planMigration');
    const plan: PlanResult = await planning.handle.result();
    expect(plan.possible).toBe(false);
    const blockers = plan.checks.filter(({ status }) => status === 'blocker');
    expect(blockers.map(({ message }) => message)).toEqual([
      expect.stringMatching(/is disabled, as a roll-back leaves a target: delete it or name another one/),
    ]);
    const input = { source: ofSource, target: ofTarget, remove: true };
    const cleanup = await stack.start(input, undefined, 'removeLeftovers');
    const { leftovers }: LeftoversResult = await cleanup.handle.result();
    expect(leftovers).toMatchObject([{ what: 'closed database', name: target, removed: false }]);
    expect(await isOpen(target)).toBe(false);
  });

  test('and both hold the same', async () => {
    await openDatabase(new Database(stack.raven, target));
    await until('the target can be read', () => isOpen(target));
    const without = ['indexes', 'settings'] as const;
    expect(await differences(stack.raven, source, target, { without })).toEqual([]);
    const indexes = await new Application(stack.raven, source).send('GET', 'indexes?namesOnly=true');
    expect(indexes).not.toContain('Shardlift/');
  });
}
