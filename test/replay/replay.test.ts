import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { workflowTypes } from '../../src/core/contract/contract.ts';

const histories = new URL('histories/', import.meta.url);
/** `<workflow type>/<what happens in it>`. */
const names = readdirSync(histories, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''));

/** What is read of a history. */
interface Recorded {
  events: {
    activityTaskScheduledEventAttributes?: object;
    timerStartedEventAttributes?: object;
    userMetadata?: { summary?: object };
  }[];
}

describe('a run that lasts across a deploy goes on: its history replays', () => {
  let workflowBundle: WorkflowBundle;

  beforeAll(async () => {
    const logger = new DefaultLogger('ERROR');
    Runtime.install({ logger });
    const workflowsPath = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
    workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
  }, 60_000);

  test('of every workflow type', () => {
    const types = new Set(names.map((name) => name.split('/')[0]));
    // the last one is started by migrations
    expect(types).toEqual(new Set([...Object.keys(workflowTypes), 'holdFence']));
  });

  test.each(names)('%s', async (name) => {
    const history = JSON.parse(readFileSync(new URL(`${name}.json`, histories), 'utf8'));
    // as it was recorded: a lease is named after its migration
    await Worker.runReplayHistory({ workflowBundle }, history, name.replace('/', '-'));
  });

  test.each(names)('and in %s each activity and timer says what it is about', (name) => {
    const { events } = JSON.parse(readFileSync(new URL(`${name}.json`, histories), 'utf8')) as Recorded;
    const mute = events.filter(
      ({
        activityTaskScheduledEventAttributes: activity,
        timerStartedEventAttributes: timer,
        userMetadata,
      }) => (activity ?? timer) && !userMetadata?.summary,
    );
    expect(mute).toEqual([]);
  });

  test.each([
    ['migrateDatabase/completed-stream', 'copyIndexes'],
    ['migrateDatabase/repaired', 'repairItems'],
    ['migrateDatabase/completed-changes', 'verifyChanges'],
    ['migrateDatabase/completed-fence', 'verifyBehindFence'],
    ['migrateDatabase/rolled-back', 'drainBack'],
    ['replicateDatabase/aborted', 'startReplication'],
    ['syncDatabase/changes', 'recordSync'],
    ['planMigration/completed', 'copySample'],
    ['exportDatabase/completed', 'writeDump'],
    ['importDump/completed', 'importFileSettings'],
    ['importBackup/completed', 'importFiles'],
    ['verifyDatabases/different', 'compareDatabases'],
  ])('and a history that does not fit is noticed: %s with another %s', async (name, activity) => {
    const text = readFileSync(new URL(`${name}.json`, histories), 'utf8');
    const changed = text.replaceAll(`"${activity}"`, '"somethingElse"');
    expect(changed).not.toBe(text);
    const replay = Worker.runReplayHistory({ workflowBundle }, JSON.parse(changed), name.replace('/', '-'));
    await expect(replay).rejects.toThrow(/nondeterminism|determinism/i);
  });
});
