import { describe, expect, test } from 'vitest';
import {
  loadingCommands,
  movingCommands,
  type Places,
  pagesOf,
  reachingCommands,
} from '../../../dev/playground/next-steps.ts';

const ours: Places = {
  temporal: { address: '127.0.0.1:7233', uiUrl: 'http://127.0.0.1:8233' },
  ravendb: { url: 'http://127.0.0.1:8080', studioUrl: 'http://127.0.0.1:8080/studio/index.html' },
  taskQueue: 'shardlift',
};

describe('what to type next', () => {
  test('names the Temporal that was started, and a task queue that is not the usual one', async () => {
    const [address, ...more] = await reachingCommands(ours);
    expect(address).toBe('export TEMPORAL_ADDRESS=127.0.0.1:7233');
    expect(more.join()).not.toContain('TASK_QUEUE');
    const { temporal: _, ...others } = ours;
    const commands = await reachingCommands({ ...others, taskQueue: 'shardlift-demo-1' });
    expect(commands[0]).toBe('export SHARDLIFT_TASK_QUEUE=shardlift-demo-1');
  });

  test('names the pages that are there', () => {
    expect(pagesOf(ours)).toHaveLength(2);
    const { temporal: _, ...others } = ours;
    expect(pagesOf(others)).toEqual(['  RavenDB Studio   http://127.0.0.1:8080/studio/index.html']);
  });

  test('moves one database into another of three shards', () => {
    const [, byTemporal = ''] = movingCommands(ours, 'local', 'Shop');
    const [, input = ''] = /--input '(.+)'$/.exec(byTemporal) ?? [];
    expect(JSON.parse(input)).toEqual({
      source: { connection: 'local', database: 'Shop' },
      target: { connection: 'local', database: 'ShopSharded', shards: 3 },
    });
  });

  test('loads a dump into a database that it creates', () => {
    expect(loadingCommands(ours, 'Shop').join('\n')).toContain('/databases/Shop/smuggler/import');
  });
});
