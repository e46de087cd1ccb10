import { describe, expect, test } from 'vitest';
import {
  leftBehind,
  leftInDirectory,
  onSharedServers,
  startDemo,
  withDemoDirectory,
} from '../../support/servers/demo-process.ts';

withDemoDirectory();

describe('npm run demo', () => {
  test('two at once, on servers that are there, keep out of each other’s way', async () => {
    const demos = await Promise.all([
      startDemo(['--yes', '--method', 'dump'], onSharedServers()).ended,
      startDemo(['--yes', '--shards', '2'], onSharedServers()).ended,
    ]);
    for (const { code, stdout, stderr } of demos) {
      expect(code, stderr).toBe(0);
      expect(stdout).toContain('✓ Completed: shardlift-demo-');
      expect(stdout).toMatch(/Documents +1,\d{3} on the source, 1,\d{3} on the target, 0 mismatches/);
    }
    expect(await leftBehind()).toEqual([]);
    expect(await leftInDirectory()).toEqual([]);
  });
});
