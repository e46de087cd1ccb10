import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';

const histories = new URL('histories/', import.meta.url);
/**
 * Those in `whole-copy` are of migrations that began before the copy was cut into pieces, those in `unnoted` of copies that
 * did not note their beginning, those in `read-whole` of comparisons that one activity made.
 */
const names = readdirSync(histories, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''));

describe('a run that lasts across a deploy goes on: its history replays', () => {
  let workflowBundle: WorkflowBundle;

  beforeAll(async () => {
    const logger = new DefaultLogger('ERROR');
    Runtime.install({ logger });
    const workflowsPath = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
    workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
  }, 60_000);

  test.each(names)('%s', async (name) => {
    const history = JSON.parse(readFileSync(new URL(`${name}.json`, histories), 'utf8'));
    await Worker.runReplayHistory({ workflowBundle }, history, name);
  });

  test.each([
    ['completed-stream', 'copyIndexes'],
    ['repaired', 'repairItems'],
    ['completed-changes', 'verifyChanges'],
    ['planned', 'copySample'],
    ['export-completed', 'writeDump'],
    ['import-dump-completed', 'importFileSettings'],
    ['import-backup-completed', 'importFiles'],
  ])('and a history that does not fit is noticed: %s with another %s', async (name, activity) => {
    const text = readFileSync(new URL(`${name}.json`, histories), 'utf8');
    const changed = text.replaceAll(`"${activity}"`, '"somethingElse"');
    expect(changed).not.toBe(text);
    const replay = Worker.runReplayHistory({ workflowBundle }, JSON.parse(changed), 'changed');
    await expect(replay).rejects.toThrow(/nondeterminism|determinism/i);
  });
});
