import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isFinal, type MigrationPhase, phasesOf } from '../../../src/core/contract/phases.ts';
import { Application } from '../../support/data/application.ts';
import { createItems } from '../../support/data/databases.ts';
import { finishEqual } from '../../support/oracle/finish-equal.ts';
import { type Migration, Stack } from '../../support/servers/stack.ts';

const ITEMS = 1_000;
const LOOK_EVERY_MS = 5;
const MOST_TRIES = 5;
/** After the switch no run goes on: earlier-run.e2e.ts. */
const PHASES = phasesOf.migrateDatabase.filter((phase) => phase !== 'completing');

let stack: Stack;

beforeAll(async () => {
  stack = await Stack.open();
  stack.shareWorker();
});
afterAll(() => stack.close());

/**
 * Approves where it has to, and terminates the migration as soon as it is in a phase.
 * @returns whether it was in that phase yet
 */
async function terminatedIn(wanted: MigrationPhase, migration: Migration): Promise<boolean> {
  let isApproved = false;
  for (;;) {
    const { phase } = await migration.progress();
    if (phase === wanted) break;
    if (isFinal(phase)) return false;
    if (phase === 'awaiting-approval' && !isApproved) {
      await migration.approve();
      isApproved = true;
    }
    await sleep(LOOK_EVERY_MS);
  }
  await migration.handle.terminate('lost');
  return (await migration.progress()).phase === wanted;
}

async function migrationTerminatedIn(phase: MigrationPhase) {
  for (let tries = 1; ; tries++) {
    const [source, target] = [stack.databaseName('source'), stack.databaseName('target')];
    await createItems(stack.raven, source, ITEMS);
    const terminated = await stack.migrate(source, { target, input: { maxItemsPerSecond: 1_000 } });
    if (await terminatedIn(phase, terminated)) return { source, target, terminated };
    // a phase may be over before Temporal hears of the end
    expect(tries, `tries to end one while ${phase}`).toBeLessThan(MOST_TRIES);
  }
}

test.each(PHASES)(
  'a migration that was terminated while %s goes on under the same id, and is equal at the end',
  async (phase) => {
    const { source, target, terminated } = await migrationTerminatedIn(phase);
    const application = new Application(stack.raven, source);
    for (let n = 0; n < 4; n++) await application.delete(`items/${n}`);
    await application.put('items/3', '{"moved":1.50,"@metadata":{"@collection":"Elsewhere"}}');
    await application.put('items/new', '{"new":1.50,"@metadata":{"@collection":"Items"}}');
    const resumed = await stack.migrate(source, {
      target,
      workflowId: terminated.id,
      input: { resumeEarlierRun: true },
    });
    await finishEqual(stack, resumed, { source, target });
    expect(await application.send('GET', 'indexes?namesOnly=true')).not.toContain('Shardlift/');
  },
);
