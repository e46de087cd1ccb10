import { describe, expect, test } from 'vitest';
import {
  leftBehind,
  leftInDirectory,
  onSharedServers,
  start,
  startDemo,
  withDemoDirectory,
} from '../../support/servers/demo-process.ts';
import { until } from '../../support/servers/until.ts';

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

  test('Ctrl-C in the middle stops everything that was started', async () => {
    const { child, output, ended } = start(process.execPath, ['dev/demo/main.ts'], {});
    await until('it copies', async () => output.stderr.includes('  copying'));
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect(code, stderr).toBe(130);
    expect(stderr).toContain('Stopped.');
    expect(stdout).not.toContain('Completed');
    await until('nothing runs any more', async () => (await leftBehind()).length === 0);
    expect(await leftInDirectory()).toEqual([]);
  });
});
