/** Takes long: one of both demos starts servers of its own, which are slow at first. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { MigrateDatabaseConfig } from '../../../src/core/contract/contract.ts';
import type { RunReport } from '../../../src/core/run/report.ts';
import type { MigrationResult } from '../../../src/core/run/results.ts';
import {
  leftBehind,
  leftInDirectory,
  onSharedServers,
  ROOT,
  startDemo,
  withDemoDirectory,
} from '../../support/servers/demo-process.ts';
import { Migration, Stack, until } from '../../support/servers/stack.ts';

const PHASES = [
  'planning',
  'preparing',
  'copying',
  'catching-up',
  'verifying',
  'awaiting-approval',
  'freezing',
  'draining',
  'final-verifying',
  'completing',
];
/** Behind a fence a last round comes before the freeze. */
const FENCED = PHASES.flatMap((phase) => (phase === 'freezing' ? ['catching-up', phase] : [phase]));
const ESCAPE = '\u001B';

withDemoDirectory();

function resultOf(stdout: string): MigrationResult & { temporalUi: string | null; studio: string } {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** The lines of the ending that the README shows. */
async function endingInReadme(): Promise<string[]> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const [, shown = ''] = /```\n(✓ Completed:[^`]+)```/.exec(readme) ?? [];
  const lines = withoutChance(shown).trim().split('\n');
  expect(lines.length).toBeGreaterThan(5);
  return lines;
}

/** What an ending says without what differs from run to run. */
function withoutChance(ending: string): string {
  return ending
    .replace(/shardlift-demo-\w+/, 'shardlift-demo-...')
    .replace(/(Downtime +)[\d.,]+ m?s/, '$1... s');
}

describe('npm run demo', () => {
  test('starts servers, migrates the sample data, reports, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await startDemo(['--yes', '--json']).ended;
    expect(code, stderr).toBe(0);
    const result = resultOf(stdout);
    expect(result).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(result.temporalUi).toContain(`/namespaces/default/workflows/${result.workflowId}`);
    expect(result.studio).toContain('database=NorthwindSharded');

    const report = JSON.parse(
      await readFile(result.reportPath ?? '', 'utf8'),
    ) as RunReport<MigrateDatabaseConfig>;
    expect(report).toMatchObject({
      workflowId: result.workflowId,
      phase: 'completed',
      input: {
        source: { connection: 'demo', database: 'Northwind' },
        target: { connection: 'demo', database: 'NorthwindSharded', shards: 3 },
        method: 'stream',
      },
      mismatches: 0,
      approval: { by: expect.stringMatching(/./), note: '--yes', at: expect.stringMatching(/^\d{4}-.+Z$/) },
      failure: null,
    });
    expect(report.timings.map(({ phase }) => phase)).toEqual(FENCED);
    for (const { seconds, startedAt } of report.timings) {
      expect(seconds).toBeGreaterThanOrEqual(0);
      expect(Date.parse(startedAt)).not.toBeNaN();
    }
    expect(report.documents?.source).toBeGreaterThan(1000);
    expect(report.documents?.target).toBe(report.documents?.source);
    for (const { source, target } of Object.values(report.counts)) expect(target).toBe(source);
    expect(Object.keys(report.shards)).toEqual(['0', '1', '2']);
    const inShards = Object.values(report.shards).reduce((sum, count) => sum + count, 0);
    expect(inShards).toBe(report.documents?.target);
    expect(result).toMatchObject({ documents: report.documents, shards: report.shards });
    expect(await leftBehind()).toEqual([]);
    expect(await leftInDirectory()).toEqual([]);
  });

  test('on servers that are there starts none, and says all in plain text to a pipe', async () => {
    const { output, ended } = startDemo(['--method', 'dump'], onSharedServers());
    // the last of what it says then, line by line
    await until('it says how to approve', async () => output.stderr.includes('--name approveCutover'));
    const how = /shardlift.* approve (\S+) --by you/;
    const [, workflowId = ''] = how.exec(output.stderr) ?? [];
    const stack = await Stack.open();
    await new Migration(stack.client.workflow.getHandle(workflowId)).approve();
    await stack.close();
    const { code, stdout, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(stdout + stderr).not.toContain(ESCAPE);
    expect(stdout).toContain('✓ Completed: shardlift-demo-');
    expect(stdout).toMatch(/Documents +1,\d{3} on the source, 1,\d{3} on the target, 0 mismatches/);
    expect(stdout).toMatch(/Shard +Documents +Share\n +0 +\d+ +\d+%/);
    const phases = [...stderr.matchAll(/^\d\d:\d\d:\d\d {2}([a-z-]+)$/gm)].map((match) => match[1]);
    expect(phases).toEqual(PHASES);
    expect(withoutChance(stdout).split('\n')).toEqual(expect.arrayContaining(await endingInReadme()));
    expect(await leftBehind()).toEqual([]);
    expect(await leftInDirectory()).toEqual([]);
  });
});
