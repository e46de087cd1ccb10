/** Two workers that share a migration: the same test at any scale. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Application } from '../data/application.ts';
import { createDatabase } from '../data/databases.ts';
import { historiesOf } from '../histories.ts';
import { type Migration, Stack, until } from '../servers/stack.ts';

const BATCH = 4000;
const TIMEOUT_MS = 900_000;

/** How much there is to share. */
export interface Scale {
  items: number;
  /** Of the copy. */
  pieces: number;
  /** Of each worker, on top of that of its stack. */
  env: NodeJS.ProcessEnv;
}

/** Declares the test. */
export function copyOnTwoWorkers({ items, pieces, env }: Scale): void {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.open();
    // one machine stands for two hosts
    await Promise.all(['one', 'two'].map((host) => stack.startWorker({ SHARDLIFT_HOST: host, ...env })));
  });
  afterAll(() => stack.close());

  /** Who took each activity of a type. */
  async function takersOf(migration: Migration, type: string): Promise<string[]> {
    const runs = await historiesOf(migration.handle);
    return runs.flatMap((events) => {
      const scheduled = new Set(
        events
          .filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === type)
          .map(({ eventId }) => String(eventId)),
      );
      return events
        .map((event) => event.activityTaskStartedEventAttributes)
        .filter((started) => scheduled.has(String(started?.scheduledEventId)))
        .map((started) => started?.identity?.replace(/^\d+@/, '') ?? '');
    });
  }

  test('shares its pieces among them, and the parts of its comparison', { timeout: TIMEOUT_MS }, async () => {
    const source = stack.databaseName('source');
    const target = stack.databaseName('target');
    await createDatabase(stack.raven, source);
    const application = new Application(stack.raven, source);
    for (let start = 0; start < items; start += BATCH) {
      const numbers = Array.from({ length: BATCH }, (_, at) => start + at);
      await application.putAll(
        numbers.map((n) => [`items/${n}`, `{"n":${n},"@metadata":{"@collection":"Items"}}`]),
      );
    }
    const migration = await stack.migrate(source, { target });
    await until(
      'all is copied and compared',
      async () => (await migration.progress()).phase === 'awaiting-approval',
      TIMEOUT_MS,
    );
    const { verification } = await migration.progress();
    const takers = await takersOf(migration, 'copyPiece');
    expect(takers).toHaveLength(pieces);
    expect(new Set(takers)).toEqual(new Set(['one', 'two']));
    expect(new Set(await takersOf(migration, 'readPart'))).toEqual(new Set(['one', 'two']));
    expect(verification).toMatchObject({
      mismatches: 0,
      lagging: 0,
      itemsCompared: true,
      documents: { source: items, target: items },
    });
    const shards = Object.values(verification?.shards ?? {});
    expect(shards).toHaveLength(2);
    for (const documents of shards) expect(documents).toBeGreaterThan(items / 4);
    expect(shards.reduce((sum, documents) => sum + documents, 0)).toBe(items);
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
  });
}
