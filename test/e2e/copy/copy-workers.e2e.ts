import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Application } from '../../support/data/application.ts';
import { createDatabase } from '../../support/data/databases.ts';
import { type Migration, Stack } from '../../support/servers/stack.ts';
import { tuningVariable } from '../../support/servers/tuning.ts';

const ITEMS = 12_000;
const PIECES = 6;
const BATCH = 4000;
const SMALL_PIECES = tuningVariable({ copy: { itemsPerPiece: ITEMS / PIECES } });

describe('a copy on two workers', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.open();
    // one machine stands for two hosts
    await Promise.all(
      ['one', 'two'].map((host) => stack.startWorker({ SHARDLIFT_HOST: host, ...SMALL_PIECES })),
    );
  });
  afterAll(() => stack.close());

  /** Who took each piece of the copy. */
  async function takersOf({ handle }: Migration): Promise<string[]> {
    const { events = [] } = await handle.fetchHistory();
    const pieces = new Set(
      events
        ?.filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'copyPiece')
        .map(({ eventId }) => String(eventId)),
    );
    return (events ?? [])
      .map((event) => event.activityTaskStartedEventAttributes)
      .filter((started) => pieces.has(String(started?.scheduledEventId)))
      .map((started) => started?.identity?.replace(/^\d+@/, '') ?? '');
  }

  test('shares its pieces among them', async () => {
    const source = stack.databaseName('source');
    const target = stack.databaseName('target');
    await createDatabase(stack.raven, source);
    const application = new Application(stack.raven, source);
    for (let start = 0; start < ITEMS; start += BATCH) {
      const numbers = Array.from({ length: BATCH }, (_, at) => start + at);
      await application.putAll(
        numbers.map((n) => [`items/${n}`, `{"n":${n},"@metadata":{"@collection":"Items"}}`]),
      );
    }
    const migration = await stack.migrate(source, { target });
    const { verification } = await migration.reaches('awaiting-approval');
    const takers = await takersOf(migration);
    expect(takers).toHaveLength(PIECES);
    expect(new Set(takers)).toEqual(new Set(['one', 'two']));
    expect(verification).toMatchObject({
      mismatches: 0,
      lagging: 0,
      itemsCompared: true,
      documents: { source: ITEMS, target: ITEMS },
    });
    const shards = Object.values(verification?.shards ?? {});
    expect(shards).toHaveLength(3);
    for (const documents of shards) expect(documents).toBeGreaterThan(ITEMS / 4);
    expect(shards.reduce((sum, documents) => sum + documents, 0)).toBe(ITEMS);
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
  });
});
